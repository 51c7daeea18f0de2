"""The bench of what stands published: somebody changes a release, somebody else verifies it."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

from pipelines.canonical import canonical_json, digest_of, sha256_file
from pipelines.contracts import Text
from pipelines.publish.layout import DECISION, SIGNATURE, SUMS, release_files, sums
from pipelines.publish.scorecard import SCORECARD
from pipelines.publish.signing import known_keys, signer
from pipelines.publish.verify import verify
from tests.defects.candidates import make_world, take_back
from tests.defects.model import NAMED, Defect, Objections, Workshop, add
from tests.integration.conftest import DATASET, World

PARTS = {
    f"{DATASET}.csv": "csv",
    f"{DATASET}.parquet": "parquet",
    "datapackage.json": "descriptor",
    DECISION: "decision",
    SIGNATURE: "signature",
    SCORECARD: "scorecard",
    SUMS: "sums",
    "withdrawn.json": "tombstone",
    "withdrawn.sig": "tombstone",
    "latest": "latest",
}
"""File a problem is named in → the part of verification that named it."""


class Published:
    """A release that anybody may write to. `folder` is its version's."""

    def __init__(self, world: World, folder: Path) -> None:
        self.world = world
        self.folder = folder
        for path in folder.iterdir():
            path.chmod(0o644)

    def replace(self, name: str, old: bytes, new: bytes) -> None:
        """Change bytes in one file; bytes that are not there are an error."""
        path = self.folder / name
        assert old in path.read_bytes(), f"{name} does not hold {old!r}"
        path.write_bytes(path.read_bytes().replace(old, new, 1))

    def decision(self, change: Callable[[dict[str, Any]], Any]) -> None:
        """Edit the decision and make the list of sums fit."""
        decision = json.loads((self.folder / DECISION).read_bytes())
        change(decision)
        (self.folder / DECISION).write_bytes(canonical_json(decision, indent=2))
        self.resum()

    def sign(self) -> None:
        """Sign the decision as it is now, with the right key."""
        document = (self.folder / DECISION).read_bytes()
        (self.folder / SIGNATURE).write_bytes(signer(self.world.home).sign(document))
        self.resum()

    def withdraw(self) -> Path:
        """Withdraw the release; returns its tombstone, open to change."""
        take_back(self.world, self.folder.name)
        path = self.folder / "withdrawn.json"
        path.chmod(0o644)
        return path

    def resum(self) -> None:
        """Make SHA256SUMS fit the files as they are."""
        names = [name for name in release_files(DATASET) if name != SUMS]
        (self.folder / SUMS).write_bytes(
            sums({name: sha256_file(self.folder / name) for name in names})
        )

    def refit(self) -> None:
        """Make descriptor, decision, sums and the folder's name fit the data, as a careful forger
        without the key would.
        """
        described = json.loads((self.folder / "datapackage.json").read_bytes())
        for resource in described["resources"]:
            path = self.folder / resource["path"]
            resource |= {"bytes": path.stat().st_size, "hash": f"sha256:{sha256_file(path)}"}
        (self.folder / "datapackage.json").write_bytes(canonical_json(described, indent=2))

        def change(decision: dict[str, Any]) -> None:
            files = {name: sha256_file(self.folder / name) for name in decision["files"]}
            old, new = decision["digest"], digest_of(files)
            version = f"{self.folder.name[:10]}-{new[:12]}"
            decision |= {"files": files, "digest": new, "version": version}
            for check in decision["checks"]:
                check["subject"] = new if check["subject"] == old else check["subject"]

        self.decision(change)
        version = json.loads((self.folder / DECISION).read_bytes())["version"]
        self.folder = self.folder.rename(self.folder.with_name(version))
        latest = self.folder.parent / "latest"
        latest.unlink()
        latest.symlink_to(version)


def on_release(name: str, check: str, vi: str, en: str, tamper: Callable[[Published], Any]) -> None:
    """List a defect of a published release; `check` is the part that `khomo verify` names."""

    def observe(shop: Workshop) -> Objections:
        world = make_world(shop)
        tamper(Published(world, world.publish().folder))
        problems = verify(world.home.releases, known_keys(world.home))
        return {
            f"verify.{PARTS.get(problem.file, 'folder')}": NAMED
            for found in problems.values()
            for problem in found
        }

    add(Defect(name, "release", f"verify.{check}", NAMED, Text(vi, en), observe))


def moved_away(published: Published) -> None:
    """Replace a file by a link to it, somewhere else."""
    path = published.folder / f"{DATASET}.csv"
    target = published.folder.parents[2] / "elsewhere.csv"
    shutil.move(path, target)
    path.symlink_to(target)
