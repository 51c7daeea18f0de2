"""How the command talks: one console, one way to fail, Vietnamese numbers."""

import sys
from typing import NoReturn

import typer
from rich.console import Console

OK, WITHHELD, BAD_INPUT = 0, 1, 2

out = Console(highlight=False)
err = Console(stderr=True, highlight=False)


def number(value: int) -> str:
    """1234567 as 1.234.567."""
    return f"{value:,}".replace(",", ".")


def fail(message: str) -> NoReturn:
    """Say what is wrong with the input on standard error and leave with code 2."""
    err.print(f"[bold red]khomo:[/] {message}", soft_wrap=True)
    sys.stdout.flush()
    raise typer.Exit(BAD_INPUT)
