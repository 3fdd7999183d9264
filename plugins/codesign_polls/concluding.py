"""What came of a question, in sentences: who won, what was tied, and what a reader of the figures must know."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from codesign.kit import gettext, mark, ngettext, show_number
from codesign_polls.counting import NO, YES
from codesign_polls.counting.tally import Note, Tally
from codesign_polls.definition import YES_NO_LABELS, Method, Question, definition_of
from codesign_polls.outcome import Outcome, outcome_of
from codesign_polls.polls import Poll

NAMED_AT_MOST = 4
"""Of more winners the sentence tells only how many they are; the table marks them."""

NOTES: Mapping[Note, str] = {
    Note.NO_VALID_BALLOTS: mark("Nobody answered this question."),
    Note.TIE: mark("No lot is drawn here: what follows from a tie is for the town to say."),
    Note.ONLY_ABSTENTIONS: mark("Nobody said yes or no: all who answered abstained."),
    Note.UNSCORED_OPTION: mark("Some options were scored on no ballot. Their average is shown as 0."),
    Note.CONDORCET_WINNER: mark("Compared one to one, the winner beats every other option."),
    Note.NO_CONDORCET_WINNER: mark(
        "No option beats every other one when they are compared one to one. The strongest chains of comparisons decide."
    ),
    Note.TIE_FOR_ELIMINATION: mark("In at least one round several options had the same, smallest number of votes."),
    Note.TIED_ELIMINATED_TOGETHER: mark(
        "Options with the fewest votes left together where even all their votes were fewer than the next option had: "
        "whichever had left first, the result is the same."
    ),
    Note.SAME_WINNER_EITHER_WAY: mark(
        "The same option wins whichever way such a tie is broken. The rounds shown here follow one of these ways."
    ),
    Note.TIE_NOT_RESOLVED: mark(
        "There are too many ways to break the ties to try them all. Everyone who may win is named, perhaps some more."
    ),
    Note.FINALIST_BY_MATCHES: mark(
        "Options had the same sum for a place in the final. Those that lost more of the comparisons among them left."
    ),
    Note.FINALIST_BY_FIVE_STARS: mark(
        "Options had the same sum for a place in the final. The number of ballots that gave them 5 decided."
    ),
    Note.TIE_FOR_RUNOFF: mark(
        "Only a lot could say which options get into the final. Every final that is possible was held."
    ),
    Note.RUNOFF_BY_SCORE: mark("In the final as many ballots preferred one as the other. The higher sum decided."),
    Note.RUNOFF_BY_FIVE_STARS: mark(
        "The two of the final were equal there and in their sums. The number of ballots that gave them 5 decided."
    ),
}
"""What each note of a counting rule means, in plain words."""
SAME_WINNER_OF_EVERY_FINAL = mark("The same option wins every one of these finals.")
"""The note of STAR about one winner either way: it shows no rounds that follow one way."""
TOLD_BEFORE = (Note.NO_VALID_BALLOTS, Note.ONLY_ABSTENTIONS)
"""What the sentence on the winner says itself."""

TIES: Mapping[str, str] = {
    "plurality": mark("%(options)s have the same number of votes: %(number)s."),
    "approval": mark("%(options)s have the same number of votes: %(number)s."),
    "cumulative": mark("%(options)s have the same number of points: %(number)s."),
    "score": mark("%(options)s have the same sum: %(number)s."),
    "mean_score": mark("%(options)s have the same average: %(number)s."),
    "majority": mark("As many said yes as no: %(number)s."),
    "instant_runoff": mark("Each of these can win, depending on which of the tied options leaves first: %(options)s."),
    "schulze": mark("None of these beats another of them: %(options)s."),
    "star": mark("Each of these can win a final, and nothing but a lot could decide: %(options)s."),
}
"""By rule, the sentence on a tie between winners."""
WINS: Mapping[str, str] = {
    "plurality": mark("“%(option)s” has the most votes: %(number)s of %(ballots)s."),
    "approval": mark("“%(option)s” has the most votes: it is chosen on %(number)s of %(ballots)s ballots."),
    "cumulative": mark("“%(option)s” has the most points: %(number)s."),
    "score": mark("“%(option)s” has the highest sum: %(number)s."),
    "mean_score": mark("“%(option)s” has the highest average: %(number)s."),
}
"""By rule, the sentence on the one winner, where it needs no more than totals."""


def option_titles(question: Question) -> list[str]:
    """As the reader sees them."""
    if question.method is Method.YES_NO:
        return [gettext(label) for label in YES_NO_LABELS]
    return [option.title for option in question.options]


def winner_sentence(question: Question, tally: Tally) -> str:
    """What came of a question, in one sentence, or two when there is a tie."""
    for note in TOLD_BEFORE:
        if note in tally.notes:
            return gettext(NOTES[note])
    if len(tally.winners) > 1:
        unbroken = gettext("The rule names no winner between them.")
        return f"{_tie(question, tally)} {unbroken}"
    told = {"majority": _majority, "instant_runoff": _last_round, "schulze": _unbeaten, "star": _final}
    of_rule: Callable[[list[str], Tally], str] = told.get(tally.rule, _by_total)
    return of_rule(option_titles(question), tally)


def note_sentences(tally: Tally) -> list[str]:
    """What a reader must know beside the winner, in the order in which things happened."""
    notes = [note for note in Note if note in tally.notes and note not in TOLD_BEFORE]
    one_of_many = tally.rule == "star"
    return [
        gettext(SAME_WINNER_OF_EVERY_FINAL if one_of_many and note is Note.SAME_WINNER_EITHER_WAY else NOTES[note])
        for note in notes
    ]


def quorum_sentence(outcome: Outcome, final: bool = True) -> str:
    """Whether enough people voted; "" when any number is enough."""
    if outcome.quorum is None:
        return ""
    if not final and not outcome.quorum_reached:
        told = gettext("%(voters)s voted so far, %(quorum)s are needed.")
    elif outcome.quorum_reached:
        told = gettext("The quorum is reached: %(voters)s voted, %(quorum)s were needed.")
    else:
        told = gettext("The quorum was missed: %(voters)s voted, %(quorum)s were needed.")
    return told % {"voters": show_number(outcome.voters), "quorum": show_number(outcome.quorum)}


def listed(titles: list[str]) -> str:
    """Titles as a part of a sentence: “Oak”, “Elm” and “Ash”."""
    quoted = [gettext("“%(title)s”") % {"title": title} for title in titles]
    if len(quoted) < 2:
        return "".join(quoted)
    return gettext("%(several)s and %(last)s") % {"several": ", ".join(quoted[:-1]), "last": quoted[-1]}


def written(total: float) -> str:
    """A number of votes or points, or an average, in the reader's language."""
    return show_number(round(total, 2) if isinstance(total, float) else total)


def _tie(question: Question, tally: Tally) -> str:
    titles = option_titles(question)
    count = len(tally.winners)
    if count <= NAMED_AT_MOST:
        options = listed([titles[option] for option in tally.winners])
    else:
        options = ngettext("%(num)s option", "%(num)s options", count) % {"num": show_number(count)}
    return gettext(TIES[tally.rule]) % {"options": options, "number": _total(tally, tally.winners[0])}


def _by_total(titles: list[str], tally: Tally) -> str:
    [option] = tally.winners
    numbers = {"number": _total(tally, option), "ballots": show_number(tally.valid)}
    return gettext(WINS[tally.rule]) % {"option": titles[option], **numbers}


def _majority(_titles: list[str], tally: Tally) -> str:
    numbers = {"yes": _total(tally, YES), "no": _total(tally, NO)}
    if tally.winners == (YES,):
        return gettext("The majority said yes: %(yes)s yes, %(no)s no.") % numbers
    return gettext("The majority said no: %(no)s no, %(yes)s yes.") % numbers


def _last_round(titles: list[str], tally: Tally) -> str:
    [option] = tally.winners
    counts = tally.rounds[-1].counts
    told = gettext("“%(option)s” has more than half of the votes in round %(round)s: %(number)s of %(votes)s.")
    numbers = {"number": show_number(counts[option] or 0), "votes": show_number(sum(one or 0 for one in counts))}
    return told % {"option": titles[option], "round": len(tally.rounds), **numbers}


def _unbeaten(titles: list[str], tally: Tally) -> str:
    [option] = tally.winners
    if Note.CONDORCET_WINNER in tally.notes:
        told = gettext("“%(option)s” wins: compared with each other option, more people prefer it.")
    else:
        told = gettext("“%(option)s” wins: no other option beats it, directly or by a chain of comparisons.")
    return told % {"option": titles[option]}


def _final(titles: list[str], tally: Tally) -> str:
    [option] = tally.winners
    final = tally.rounds[-1].counts if len(tally.rounds) > 1 else ()
    against = [(other, count) for other, count in enumerate(final) if count is not None and other != option]
    if not against:
        return gettext("“%(option)s” wins the final.") % {"option": titles[option]}
    [(other, fewer)] = against
    told = gettext("“%(option)s” wins the final against “%(other)s”: %(number)s to %(fewer)s.")
    numbers = {"number": show_number(final[option] or 0), "fewer": show_number(fewer)}
    return told % {"option": titles[option], "other": titles[other], **numbers}


def _total(tally: Tally, option: int) -> str:
    total = tally.totals[option]
    return written(total if isinstance(total, int) else float(total))


@dataclass(frozen=True)
class Conclusion:
    """What came of a poll, for its own page."""

    quorum_missed: str
    """A sentence when too few people voted, else ""."""
    lines: list[tuple[str, str]]
    """Each question that is counted, and the sentence on its winner."""


def conclusion_of(poll: Poll) -> Conclusion | None:
    """None before the poll is counted."""
    outcome = outcome_of(poll)
    if outcome is None:
        return None
    questions = zip(definition_of(poll.definition).questions, outcome.tallies, strict=True)
    lines = [
        # Comparisons can be a quarter of a million numbers, and no sentence here needs them.
        (question.title, winner_sentence(question, Tally.from_json({**document, "pairwise": []})))
        for question, document in questions
        if document is not None
    ]
    return Conclusion("" if outcome.quorum_reached else quorum_sentence(outcome), lines)
