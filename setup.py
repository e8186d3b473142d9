"""Everything that describes the package but its version stands in setup.cfg."""

from pathlib import Path

from setuptools import setup

# Run and not imported: importing the package needs what is yet to be installed.
version = {}
exec(Path(__file__).with_name("scaleapi").joinpath("_version.py").read_text(), version)

setup(version=version["__version__"])
