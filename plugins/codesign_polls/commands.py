"""`codesign polls verify`: count a published ballot box again, on any machine, without the site."""

from pathlib import Path
from typing import Annotated, Any

import typer

from codesign.kit import Refused, clean
from codesign_polls.definition import YES_NO_LABELS, Method, Question
from codesign_polls.verifying import Recount, Unreadable, recount

File = Annotated[Path, typer.Argument(help="A file of ballots, as downloaded from the page of a poll.")]
Receipt = Annotated[str, typer.Option(help="Your receipt: shows what stands under it.")]


def add_commands(app: typer.Typer) -> None:
    @app.callback()
    def polls() -> None:
        """Polls: count published ballots again."""

    @app.command()
    def verify(file: File, receipt: Receipt = "") -> None:
        """Count a file of ballots again and compare with the published result. Exit code 1: something differs."""
        try:
            with file.open("rb") as lines:
                result = recount(lines, receipt)
        except OSError as error:
            raise Refused(f"{file} cannot be read: {error.strerror}.") from error
        except Unreadable as error:
            raise Refused(f"{file}: {error}") from error
        for line in told(result):
            typer.echo(clean(line).encode("utf-8", "replace").decode())
        if not result.right or (result.receipt and not result.receipt_is_there):
            raise typer.Exit(1)


def told(result: Recount) -> list[str]:
    """The recount in lines of text."""
    lines = [f"{result.title} ({result.number}): {result.voters} voters"]
    for place, question in enumerate(result.questions):
        lines += ["", question.title, *_counted(result, place, question)]
    if result.receipt:
        lines += ["", *_of_receipt(result)]
    return [*lines, "", *(result.problems or ["The recount gives the published result."])]


def _counted(result: Recount, place: int, question: Question) -> list[str]:
    tally = result.tallies[place]
    if tally is None:
        return [f"  {result.entries[place]} answers in words, which nobody counts"]
    labels = labels_of(question)
    lines = [f"  {total}\t{label}" for label, total in zip(labels, tally.totals, strict=True)]
    winners = " and ".join(labels[option] for option in tally.winners)
    end = f"  tie: {winners}" if len(tally.winners) > 1 else f"  winner: {winners or 'none'}"
    return [*lines, f"  blank: {tally.blank}", f"  rule: {question.rule}", end]


def labels_of(question: Question) -> list[str]:
    return list(YES_NO_LABELS) if question.method is Method.YES_NO else [option.title for option in question.options]


def _of_receipt(result: Recount) -> list[str]:
    if not result.receipt_is_there:
        return [f"The receipt {result.receipt} is NOT in this file."]
    lines = [f"The receipt {result.receipt} is in this file. Under it stands:"]
    return lines + [
        f"  {question.title}: {said(question, result.found[place])}" for place, question in enumerate(result.questions)
    ]


def said(question: Question, answer: Any) -> str:
    """An answer in words."""
    if answer is None:
        return "blank"
    if question.method is Method.TEXT:
        return str(answer)
    labels = labels_of(question)
    if isinstance(answer, int):
        return labels[answer]
    if question.method in (Method.SCORE, Method.POINTS):
        return ", ".join(f"{labels[option]}: {number}" for option, number in answer)
    return (" > " if question.method is Method.RANKED else ", ").join(labels[option] for option in answer)
