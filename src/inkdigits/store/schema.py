"""The tables as they are now. `migrations.py` makes them; a test holds the two together."""

from sqlalchemy import BigInteger, Column, Double, ForeignKey, Integer, LargeBinary, MetaData, Table, Text

metadata = MetaData()

results = Table(
    "results",
    metadata,
    Column("id", Text, primary_key=True),
    Column("source", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("formatted", Text, nullable=False),
    Column("confidence", Double),
    Column("reading", Text, nullable=False),  # JSON
    Column("said", Text),  # what it says as people corrected it, with and without points; NULL: nobody did
)

pictures = Table(
    "pictures",
    metadata,
    Column("result", Text, ForeignKey("results.id", ondelete="CASCADE"), primary_key=True),
    Column("content", LargeBinary, nullable=False),  # JPEG
)

corrections = Table(
    "corrections",
    metadata,
    Column("id", Text, primary_key=True),
    Column("result", Text, ForeignKey("results.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("line", Integer),
    Column("digit", Integer),
    Column("label", Integer),
    Column("text", Text),
)

migrations = Table(
    "migrations",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("name", Text, nullable=False),
    Column("applied_us", BigInteger, nullable=False),  # microseconds since 1970, UTC
)
