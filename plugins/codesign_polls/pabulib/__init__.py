"""Imports Pabulib elections as closed polls, counted again: each file is one poll, stored in one transaction.

`origin` remembers every file by its name, so that an import can be stopped anywhere, run again, and changes nothing
when all is there.
"""

from collections import Counter
from pathlib import Path

from codesign.core.origins import known
from codesign.core.settings import CORE, TownSettings, settings_of
from codesign.kit import ImportJob, ImportReport, Refused
from codesign_polls.pabulib.reading import NotPabulib, read_election
from codesign_polls.pabulib.recounting import differences
from codesign_polls.pabulib.storing import NOUN, SOURCE, prepared, store

DIFFERENCES_TOLD = 20


def run(job: ImportJob) -> ImportReport:
    """Raises Refused when `job.path` holds no Pabulib file."""
    paths = _files(job.path)
    imported, unchanged = Counter[str](), Counter[str]()
    skipped, notes = list[str](), list[str]()
    with job.write() as db:
        town = settings_of(db, CORE, TownSettings)
        done = known(db, SOURCE, NOUN, (path.stem for path in paths))
    for place, path in enumerate(paths):
        job.progress("polls", place, len(paths))
        if path.stem in done:
            unchanged["polls"] += 1
            continue
        try:
            election = read_election(path)
        except (NotPabulib, OSError) as error:
            skipped.append(f"{path.name}: {getattr(error, 'strerror', None) or error}")
            continue
        work = prepared(election, town, job.now)
        with job.write() as db:
            store(db, work, job.now)
        imported.update(polls=1, options=len(election.projects), ballots=len(election.ballots))
        skipped += election.faults
        if election.fault_count > len(election.faults):
            skipped.append(f"{path.name}: {election.fault_count - len(election.faults)} more lines were left out.")
        notes += [*work.notes, *_recounted(path.name, len(election.projects), differences(election))]
    job.progress("polls", len(paths), len(paths))
    if not imported and not unchanged:
        raise Refused(" ".join([f"{job.path} holds no election that can be read.", *skipped[:5]]))
    return ImportReport(dict(imported), dict(unchanged), skipped, notes)


def _files(path: Path) -> list[Path]:
    """The file that was named, or every .pb file below the folder. Raises Refused when there is none."""
    found = sorted(path.rglob("*.pb")) if path.is_dir() else [path]
    if not found:
        raise Refused(f"{path} holds no .pb file, as Pabulib publishes them.")
    return found


def _recounted(name: str, options: int, differing: list[str]) -> list[str]:
    told = differing[:DIFFERENCES_TOLD]
    more = len(differing) - len(told)
    first = f"{name}: recounted {options} options, {len(differing) or 'none'} differ from the file."
    return [first, *told, *([f"{name}: and {more} more."] if more else [])]
