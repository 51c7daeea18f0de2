"""`khomo key`: the key that decisions are signed with."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from pipelines.cli.console import fail, out

app = typer.Typer(help="The key that decisions are signed with.", no_args_is_help=True)


@app.callback()
def _group() -> None:
    """The key that decisions are signed with."""


@app.command()
def show() -> None:
    """Show the id of the key in use, and of every key that ever signed here."""
    from pipelines.publish.signing import VARIABLE, SigningError, known_keys, signer
    from pipelines.settings import home

    state = home().create()
    try:
        key = signer(state)
        earlier = [name for name in sorted(known_keys(state)) if name != key.key]
    except SigningError as error:
        fail(str(error))
    kind = "demo: made under the home" if key.demo else f"from ${VARIABLE}"
    out.print(f"{key.key}  signs now ({kind})")
    for name in earlier:
        out.print(f"{name}  signed before")


@app.command()
def export(
    out_file: Annotated[
        Path | None, typer.Option("--out", help="A new file; else it is printed.")
    ] = None,
) -> None:
    """Write the public key as PEM: what others need to verify what is signed here."""
    from pipelines.publish.signing import SigningError, signer
    from pipelines.settings import home

    try:
        key = signer(home().create())
        if out_file is None:
            sys.stdout.write(key.public.decode())
            return
        with out_file.open("xb") as file:
            file.write(key.public)
    except SigningError as error:
        fail(str(error))
    except FileExistsError:
        fail(f"{out_file} exists; name a new file")
    except OSError as error:
        fail(f"{out_file}: {error.strerror}")
    out.print(f"public key {key.key} written to {out_file}", soft_wrap=True)


@app.command()
def rotate() -> None:
    """Replace the home's own key. What earlier keys signed is still verified."""
    import os

    from pipelines.lock import hold
    from pipelines.publish.signing import VARIABLE, SigningError, new_key, signer
    from pipelines.settings import home

    if os.environ.get(VARIABLE):
        fail(f"the key comes from {VARIABLE}: change it where it is set; nothing else is needed")
    state = home()
    with hold(state, "khomo key rotate", out.print):
        try:
            before = signer(state).key
            new_key(state)
            after = signer(state).key
        except SigningError as error:
            fail(str(error))
    out.print(f"decisions are signed with {after} from now on; {before} still verifies old ones")
