"""Results that are kept, and what people say instead of them. The only home of SQLAlchemy.

results.py      Store: save, find, delete, correct. Start here
records.py      what goes in and comes out
corrected.py    a reading with its corrections put in
schema.py       the tables as they are now
migrations.py   how they came to be so, step by step
database.py     opens SQLite or PostgreSQL, and turns what they raise into our errors
"""

from inkdigits.store.corrected import to_corrected
from inkdigits.store.database import NO_STORE, open_engine
from inkdigits.store.records import Correction, KeptResult, Page
from inkdigits.store.results import Store, open_store

__all__ = ["NO_STORE", "Correction", "KeptResult", "Page", "Store", "open_engine", "open_store", "to_corrected"]
