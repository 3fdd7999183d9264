"""Imports what CONSUL exports: what people put forward, with comments, authors, topics, districts and tags.

Every plugin that takes something out of an export runs this with what it wants, over the same files.
Files are read row by row into a temporary database (`bench`), checked and put in order there, and stored in batches.
Each batch is one transaction and complete in itself; `origin` remembers every row, so that an import can be stopped
anywhere, run again, and changes nothing when all is there.
"""

from codesign.consul.bench import Bench, counted, plural, set_up
from codesign.consul.comments import pass_over_comments, read_comments
from codesign.consul.files import candidates, refuse_nothing, tables
from codesign.consul.items import read_items
from codesign.consul.recommendations import read_recommendations
from codesign.consul.storing_comments import store_comments
from codesign.consul.storing_items import store_items
from codesign.consul.tree import plant
from codesign.consul.wanted import Arrival, Own, Wanted
from codesign.consul.words import join_words, read_districts, read_taggings, read_tags
from codesign.kit import ImportJob, ImportReport

__all__ = ["Arrival", "Own", "Wanted", "run"]


def run(job: ImportJob, wanted: Wanted) -> ImportReport:
    """Raises Refused when `job.path` holds nothing that CONSUL exports."""
    with set_up(job, wanted) as work:
        _read(work)
        join_words(work)
        plant(work)
        store_items(work)
        store_comments(work)
        _tell_of_items(work)
        _tell_of_comments(work)
        return work.report()


def _read(work: Bench) -> None:
    paths = candidates(work)
    found = tables(work, [path for path in paths if path.suffix.lower() != ".xml"])
    for table in found["geozones"]:
        read_districts(work, table)
    recommendations = [read_recommendations(work, path) for path in paths if path.suffix.lower() == ".xml"]
    refuse_nothing(work, any(found.values()) or any(recommendations) or bool(work.passed_over))
    for table in found["tags"]:
        read_tags(work, table)
    for table in found["taggings"]:
        read_taggings(work, table)
    for table in found["items"]:
        read_items(work, table)
    for table in found["comments"]:
        read_comments(work, table)
    pass_over_comments(work)


def _tell_of_items(work: Bench) -> None:
    for remark, number in work.remarks.items():
        work.notes.add(f"{counted(number, work.wanted.noun)}: {remark}.")


def _tell_of_comments(work: Bench) -> None:
    """Two things that are as CONSUL exports them, told once each."""
    empty = "SELECT file, count(*) FROM comment WHERE text = '' GROUP BY file ORDER BY file"
    on = plural(work.wanted.noun)
    for file, number in work.rows.execute(empty):
        work.notes.add(f"{file}: {counted(number, 'comment')} on {on} without a text, removed before the export.")
    differing = """
        SELECT count(*) FROM item WHERE announced IS NOT NULL AND EXISTS (SELECT * FROM comment) AND announced !=
        (SELECT count(*) FROM comment WHERE comment.item = item.id)
    """
    if number := work.rows.execute(differing).fetchone()[0]:
        told = counted(number, work.wanted.noun)
        work.notes.add(f"For {told} the export counts more or fewer comments than it holds.")
