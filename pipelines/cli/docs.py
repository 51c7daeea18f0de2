"""`khomo docs`: documentation of the models, made from the dbt project."""

from pathlib import Path
from typing import Annotated

import typer

from pipelines.cli.console import err, fail, out


def docs(
    data_model: Annotated[
        Path | None,
        typer.Option(
            "--data-model", help="Write the page on the data model to this file, and nothing else."
        ),
    ] = None,
    open_it: Annotated[bool, typer.Option("--open", help="Open it in the browser.")] = False,
) -> None:
    """Write dbt's documentation as one HTML file, or the page on the data model.

    Neither needs a network. Column types are those of the last finished build.
    """
    import webbrowser

    from pipelines.province import ProvinceError, load_province
    from pipelines.settings import home
    from pipelines.warehouse.dbt import DbtError

    state = home()
    try:
        if data_model is not None:
            from pipelines.warehouse.data_model import data_model as page
            from pipelines.warehouse.project import load_manifest

            data_model.write_text(page(load_manifest(state)), encoding="utf-8")
            out.print(str(data_model), soft_wrap=True)
            return
        from pipelines.warehouse.docs import make_docs

        file = make_docs(state, load_province())
    except (DbtError, ProvinceError) as error:
        fail(str(error))
    out.print(str(file), soft_wrap=True)
    if open_it and not webbrowser.open(file.as_uri()):
        err.print("no browser could be opened; open the file above")
