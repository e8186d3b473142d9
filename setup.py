"""What setup.cfg cannot say of the package: its version, and its text for PyPI."""

import re
from configparser import ConfigParser
from pathlib import Path

from setuptools import setup

ROOT = Path(__file__).parent

# Run and not imported: importing the package needs what is yet to be installed.
version = {}
exec((ROOT / "scaleapi" / "_version.py").read_text(), version)
VERSION = version["__version__"]

# PyPI does not resolve the relative links of the README, so they lead to its release.
config = ConfigParser()
config.read(ROOT / "setup.cfg", encoding="utf-8")
URL = config["metadata"]["url"]
readme = (ROOT / "README.rst").read_text(encoding="utf-8")
readme = re.sub(r"<(?!https?:)([^<>\s]+)>`_", rf"<{URL}/blob/v{VERSION}/\1>`_", readme)
readme = re.sub(
    r"image:: (?!https?:)(\S+)", rf"image:: {URL}/raw/v{VERSION}/\1", readme
)

setup(version=VERSION, long_description=readme)
