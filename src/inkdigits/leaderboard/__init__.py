"""Every network on every test set: what it reads, what throws it off, and what it costs.

    board.py       the records: a section, a network's figures, and the tables made of them
    sections.py    what is measured: accuracy, robustness, cost
    earlier.py     networks that were measured before
    ranking.py     opens the networks, measures them one after the other, and puts runs with several seeds together

A leaderboard is a list of sections. Each measures something of every network and shows it as one table; a new kind of
measurement is one more function like `accuracy_section`, named in `load_sections`. Networks run as they ship.
"""

from inkdigits.leaderboard.board import Column, Contestant, Entry, Figures, Leaderboard, Row, Section
from inkdigits.leaderboard.earlier import load_earlier
from inkdigits.leaderboard.ranking import rank
from inkdigits.leaderboard.sections import load_sections

__all__ = [
    "Column",
    "Contestant",
    "Entry",
    "Figures",
    "Leaderboard",
    "Row",
    "Section",
    "load_earlier",
    "load_sections",
    "rank",
]
