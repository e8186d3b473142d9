"""Texts that a labeler could have written: names, sums, dates, sentences.

api-notes: made-up-responses (guess)
"""

from __future__ import annotations

import random
import re
from typing import Callable, FrozenSet, Sequence, Tuple

_MAX_ASKED_CHARS = 200

_GIVEN_NAMES = ("Amina", "Carlos", "Grace", "Ines", "Jonas", "Mei", "Olga", "Samuel")
_FAMILY_NAMES = (
    "Adeyemi",
    "Costa",
    "Fischer",
    "Jensen",
    "Kim",
    "Novak",
    "Rossi",
    "Shah",
)
_COMPANIES = (
    "Alder & Sons",
    "Bright Harbor Ltd.",
    "Northwind Supplies",
    "Quarry Foods",
)
_GOODS = (
    "desk lamp",
    "office chair",
    "paper, 500 sheets",
    "printer cable",
    "whiteboard",
)
_STREETS = ("Garden Street", "Harbor Road", "Mill Lane", "Station Avenue")
_CITIES = ("Brookfield", "Eastport", "Lakeside", "Riverton")

_SUBJECTS = ("A person", "A small dog", "The blue car", "The cyclist", "The old bus")
_VERBS = ("is waiting", "is standing", "stops", "turns")
_PLACES = (
    "at the corner",
    "in front of the shop",
    "near the river",
    "next to the crossing",
    "on the left side of the street",
)
_REASONS = (
    "It is said in the first paragraph.",
    "It is more precise than the other one.",
    "It can be seen clearly on the left.",
    "It answers the question, and nothing is missing.",
)


def sentence(rng: random.Random) -> str:
    """Return a short sentence about a street."""
    return f"{rng.choice(_SUBJECTS)} {rng.choice(_VERBS)} {rng.choice(_PLACES)}."


def answer_to(rng: random.Random, *asked: str) -> str:
    """Return a text that reads like an answer.

    Args:
        rng: The only source of randomness.
        *asked: What is asked for, such as the id of a field and its title; the first
            that tells the kind of answer counts.
    """
    for text in asked:
        words = _words(text)
        for known, make in _KINDS:
            if words & known:
                return make(rng)
    return sentence(rng)


def is_sum(*asked: str) -> bool:
    """Return whether a sum of money is asked for."""
    return any(_words(text) & _SUM for text in asked)


def a_sum(rng: random.Random) -> float:
    """Return a sum of money."""
    return rng.randint(500, 99_999) / 100


def _words(text: str) -> FrozenSet[str]:
    # invoiceDate and invoice_date are two words, too.
    apart = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", text[:_MAX_ASKED_CHARS])
    return frozenset(re.findall(r"[a-z]+", apart.lower()))


def _person(rng: random.Random) -> str:
    return f"{rng.choice(_GIVEN_NAMES)} {rng.choice(_FAMILY_NAMES)}"


def _sum_text(rng: random.Random) -> str:
    return f"{a_sum(rng):.2f}"


def _date(rng: random.Random) -> str:
    return f"2022-{rng.randint(1, 12):02}-{rng.randint(1, 28):02}"


def _address(rng: random.Random) -> str:
    street = f"{rng.randint(1, 99)} {rng.choice(_STREETS)}"
    return f"{street}, {rng.choice(_CITIES)}"


def _email(rng: random.Random) -> str:
    return f"{rng.choice(_GIVEN_NAMES).lower()}@example.com"


def _phone(rng: random.Random) -> str:
    return f"555-01{rng.randint(0, 99):02}"  # numbers that nobody has


def _web_address(rng: random.Random) -> str:
    return f"https://example.com/{rng.choice(_CITIES).lower()}"


def _one_of(choices: Sequence[str]) -> Callable[[random.Random], str]:
    return lambda rng: rng.choice(choices)


_SUM = _words(
    "amount balance cost costs fee much paid price subtotal sum tax total vat"
)
#: Words of what is asked for -> the text. The first entry that has a word counts: an
#: "invoice date" is a date, and the "name of the company" is not that of a person.
_KINDS: Tuple[Tuple[FrozenSet[str], Callable[[random.Random], str]], ...] = (
    (_words("comment comments explain explanation reason why"), _one_of(_REASONS)),
    # Before the sums, since "Sum it up" asks for none.
    (_words("summarize summary"), sentence),
    (_words("email mail"), _email),
    (_words("fax mobile phone telephone"), _phone),
    (_words("link page url website"), _web_address),
    (_words("birthday date day due when"), _date),
    (_SUM, _sum_text),
    (_words("address location street where"), _address),
    (_words("city place town"), _one_of(_CITIES)),
    (
        _words("business company employer organization shop store supplier vendor"),
        _one_of(_COMPANIES),
    ),
    (_words("article item product sold"), _one_of(_GOODS)),
    (
        _words("author buyer customer guest name person seller signature surname")
        | _words("user username who whom"),
        _person,
    ),
)
