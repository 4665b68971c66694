"""`serve` and `web build`: the web application, and its page without a server."""

import sys
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from inkdigits.cli.options import INTERRUPTED, Model, import_extra
from inkdigits.settings import load_settings

commands = typer.Typer(rich_markup_mode=None)
web_commands = typer.Typer(
    name="web", help="Make the page for hosts of plain files.", no_args_is_help=True, rich_markup_mode=None
)
commands.add_typer(web_commands)


@web_commands.callback()
def welcome_web() -> None:
    """Make the page for hosts of plain files."""


@web_commands.command(
    epilog="""Examples:

    \b
      inkdigits web build public
      python -m http.server --directory public     # then open http://localhost:8000/"""
)
def build(
    out: Annotated[Path, typer.Argument(metavar="OUT", help="The folder to write; new, empty, or written before.")],
) -> None:
    """Write the page as plain files, for any host.

    It may lie below any address. Everything in it runs in the browser: drawing, single numbers in pictures, the camera,
    looking inside, the guide. What needs a server is left out: results that are kept, pages full of numbers, PDF files.
    Browsers keep it for when there is no network, if the host offers it by https.
    """
    site = import_extra("inkdigits.web.site", "Making the page", "web")
    n_bytes = site.write_site(out)
    print(f"{out}: {n_bytes / 1e6:.1f} MB")


@commands.command(
    epilog="""Examples:

    \b
      inkdigits serve
      inkdigits serve --host 0.0.0.0 --port 80 --retention-days 30
      inkdigits serve --store postgresql://reader@localhost/inkdigits"""
)
def serve(
    host: Annotated[str | None, typer.Option(metavar="HOST", help="Listen here; 127.0.0.1 by default.")] = None,
    port: Annotated[
        int | None, typer.Option(min=0, max=65535, metavar="PORT", help="And on this port, 8377; 0: a free one.")
    ] = None,
    public: Annotated[bool, typer.Option("--public", help="Let everybody in, without a token.")] = False,
    store: Annotated[str | None, typer.Option(metavar="URL", help="Keep results in this database, or in none.")] = None,
    retention_days: Annotated[
        int | None, typer.Option(min=0, metavar="N", help="Delete results after so many days.")
    ] = None,
    model: Model = None,
) -> None:
    """Serve the web application, and print its address.

    It listens on this machine alone. On any other address it asks for a token, which it prints, or which
    INKDIGITS_TOKEN sets. Ctrl-C stops it.
    """
    web = import_extra("inkdigits.web.server", "Serving", "web")
    given = {"host": host, "port": port, "public": public or None, "store": store, "model": model}
    try:
        web.serve(load_settings({**given, "retention_days": retention_days}), partial(print, flush=True))
    except KeyboardInterrupt:
        print("Stopped.", file=sys.stderr)
        raise typer.Exit(INTERRUPTED) from None
