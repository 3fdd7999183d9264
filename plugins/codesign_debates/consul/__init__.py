"""Imports what CONSUL exports: proposals and debates become debates, with comments, authors, topics and tags.

Files are read row by row into a temporary database (`bench`), checked and put in order there, and stored in batches.
Each batch is one transaction and complete in itself; `origin` remembers every row, so that an import can be stopped
anywhere, run again, and changes nothing when all is there.
"""

from codesign.kit import ImportJob, ImportReport
from codesign_debates.consul.bench import Bench, counted, set_up
from codesign_debates.consul.comments import read_comments
from codesign_debates.consul.files import candidates, refuse_nothing, tables
from codesign_debates.consul.items import read_items
from codesign_debates.consul.recommendations import read_recommendations
from codesign_debates.consul.storing_comments import store_comments
from codesign_debates.consul.storing_items import store_items
from codesign_debates.consul.tree import plant
from codesign_debates.consul.words import join_words, read_districts, read_taggings, read_tags


def run(job: ImportJob) -> ImportReport:
    """Raises Refused when `job.path` holds nothing to import."""
    with set_up(job) as work:
        _read(work)
        join_words(work)
        plant(work)
        store_items(work)
        store_comments(work)
        _tell_of_comments(work)
        return work.report()


def _read(work: Bench) -> None:
    paths = candidates(work)
    found = tables(work, [path for path in paths if path.suffix.lower() != ".xml"])
    recommendations = [read_recommendations(work, path) for path in paths if path.suffix.lower() == ".xml"]
    refuse_nothing(work, any(found.values()) or any(recommendations))
    for table in found["geozones"]:
        read_districts(work, table)
    for table in found["tags"]:
        read_tags(work, table)
    for table in found["taggings"]:
        read_taggings(work, table)
    for kind, noun in (("proposals", "proposal"), ("debates", "debate")):
        for table in found[kind]:
            read_items(work, table, noun)
    for table in found["comments"]:
        read_comments(work, table)


def _tell_of_comments(work: Bench) -> None:
    """Two things that are as CONSUL exports them, told once each."""
    empty = "SELECT file, count(*) FROM comment WHERE text = '' GROUP BY file ORDER BY file"
    for file, number in work.rows.execute(empty):
        work.notes.add(f"{file}: {counted(number, 'comment')} without a text, removed before the export.")
    differing = """
        SELECT count(*) FROM item WHERE announced IS NOT NULL AND noun IN (SELECT noun FROM comment) AND announced !=
        (SELECT count(*) FROM comment WHERE comment.noun = item.noun AND comment.item = item.id)
    """
    if number := work.rows.execute(differing).fetchone()[0]:
        work.notes.add(f"For {counted(number, 'debate')} the export counts more or fewer comments than it holds.")
