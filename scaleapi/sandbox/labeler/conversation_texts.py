"""What is said in made-up conversations."""

from __future__ import annotations

from typing import NamedTuple, Tuple


class Exchange(NamedTuple):
    """A prompt, and possible answers to it."""

    prompt: str
    answers: Tuple[str, ...]


#: To prompts of which nothing is known.
ANSWERS_TO_ANYTHING = (
    "In short: yes, in most cases. Here are the reasons, and what to look out for.",
    "Yes.",
    "That cannot be said without knowing more.",
)

EXCHANGES: Tuple[Exchange, ...] = (
    Exchange(
        "How do I keep basil alive on a kitchen window?",
        (
            "Give it at least six hours of light, water it when the soil feels dry, "
            "and cut the tips before it flowers.",
            "Basil likes light and warmth. Water it often.",
            "Put it outside in summer.",
        ),
    ),
    Exchange(
        "Explain what a hash table is, in two sentences.",
        (
            "A hash table stores values in an array, at positions that a hash "
            "function computes from their keys. So a value is found in constant time "
            "on average, however many there are.",
            "It is a table with keys and values. It is fast.",
            "A hash table is a sorted list that is searched by halves.",
        ),
    ),
    Exchange(
        "Suggest a name for a bakery beside a river.",
        (
            "The Millrace: mills once stood by rivers and ground the flour.",
            "River Bakery.",
            "You could call it Crust & Current.",
        ),
    ),
    Exchange(
        "What is 17 % of 240?",
        (
            "17 % of 240 is 40.8, since 240 × 0.17 = 40.8.",
            "40.8",
            "It is about 42.",
        ),
    ),
    Exchange(
        "Write a polite reminder to a guest whose invoice is overdue.",
        (
            "Dear guest, the invoice of your stay is still open. May we ask you to "
            "settle it by the end of the week? Thank you very much.",
            "Hello, you have not paid yet. Please do.",
            "Your invoice is overdue.",
        ),
    ),
    Exchange(
        "Which of the planets have rings?",
        (
            "Jupiter, Saturn, Uranus and Neptune; those of Saturn are the brightest.",
            "Saturn has rings.",
            "Saturn and Uranus have rings, the others do not.",
        ),
    ),
)
