"""Piles of pictures -> one file of results, however many there are and whatever happens meanwhile.

pile.py     the run: which page comes next, and what becomes of it. Start here
crew.py     the processes that read, and what is done when one dies or takes too long
journal.py  what was read so far, on disk: a run that was killed goes on from it
worker.py   what such a process does
sources.py  folders, patterns and lists -> the files to read
"""

from inkdigits.batch.journal import journal_path
from inkdigits.batch.pile import Summary, Task, read_pile
from inkdigits.batch.sources import find_sources

__all__ = ["Summary", "Task", "find_sources", "journal_path", "read_pile"]
