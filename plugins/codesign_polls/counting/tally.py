"""What a counting rule answers: totals, winners, rounds, and codes for what a reader must know."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from fractions import Fraction
from typing import Any


class Note(StrEnum):
    """What a page says in a sentence beside the figures. Codes are published: they are added, never renamed."""

    NO_VALID_BALLOTS = "no_valid_ballots"
    """All ballots are blank, or there are none: nobody wins."""
    TIE = "tie"
    """More than one winner. The rule cannot tell them apart, and no lot is drawn here."""
    ONLY_ABSTENTIONS = "only_abstentions"
    """Majority: nobody said yes or no."""
    UNSCORED_OPTION = "unscored_option"
    """Mean score: nobody scored some option; its mean is given as 0."""
    CONDORCET_WINNER = "condorcet_winner"
    """Schulze: the winner beats every other option one to one."""
    NO_CONDORCET_WINNER = "no_condorcet_winner"
    """Schulze: no option beats every other one to one; the strongest paths decide."""
    TIE_FOR_ELIMINATION = "tie_for_elimination"
    """Instant runoff: in some round several options had the fewest votes (`Round.tied`)."""
    TIED_ELIMINATED_TOGETHER = "tied_eliminated_together"
    """Instant runoff: options with the fewest votes went together, as all their votes are fewer than the next one's."""
    SAME_WINNER_EITHER_WAY = "same_winner_either_way"
    """Instant runoff and STAR: the winner is the same whichever way the tie is broken. Instant runoff shows one way on."""
    TIE_NOT_RESOLVED = "tie_not_resolved"
    """Instant runoff: too many ways to break the ties to try all; `winners` holds everyone who may win, perhaps more."""
    FINALIST_BY_MATCHES = "finalist_by_matches"
    """STAR: equal scores for a place in the runoff; those who lost most matches among them went out."""
    FINALIST_BY_FIVE_STARS = "finalist_by_five_stars"
    """STAR: equal scores for a place in the runoff; the number of five-star scores decided."""
    TIE_FOR_RUNOFF = "tie_for_runoff"
    """STAR: nothing but a lot could tell who gets into the runoff; every possible runoff was held."""
    RUNOFF_BY_SCORE = "runoff_by_score"
    """STAR: as many ballots preferred one finalist as the other; the higher score decided."""
    RUNOFF_BY_FIVE_STARS = "runoff_by_five_stars"
    """STAR: equal in the runoff and in score; the number of five-star scores decided."""


@dataclass(frozen=True)
class Round:
    """One round of instant runoff, or one of the two of STAR."""

    counts: tuple[int | None, ...]
    """Per option: votes of instant runoff; points, then votes, of STAR. None: no longer in it."""
    exhausted: int
    """Valid ballots that are for none still in it; in the runoff of STAR those that prefer neither."""
    eliminated: tuple[int, ...] = ()
    tied: tuple[int, ...] = ()
    """Options with the same count when one of them had to go or to advance."""


@dataclass(frozen=True)
class Tally:
    """A counted question. Options are positions from 0; tuples of options are in that order where nothing else is said."""

    rule: str
    ballots: int
    """All entries, blank ones too."""
    blank: int
    totals: tuple[int | Fraction, ...]
    """Per option what the rule counts: votes, points, a mean score; for instant runoff first preferences;
    for Schulze the number of options it beats."""
    winners: tuple[int, ...]
    """More than one: a tie, named and never broken. None: no valid ballots."""
    ranking: tuple[tuple[int, ...], ...] = ()
    """Groups of equals, best first. Empty where the rule names a winner but no order (instant runoff, STAR)."""
    rounds: tuple[Round, ...] = ()
    pairwise: tuple[tuple[int, ...], ...] = ()
    """Schulze: how many ballots prefer the row's option to the column's."""
    notes: tuple[Note, ...] = ()

    @property
    def valid(self) -> int:
        return self.ballots - self.blank

    def to_json(self) -> dict[str, Any]:
        """As plain lists, numbers and strings; a fraction is written "7/2"."""
        plain = {name: _plain(value) for name, value in asdict(self).items()}
        return {**plain, "totals": [_written(total) for total in self.totals]}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "Tally":
        """The tally that `to_json` wrote. Raises ValueError when it is none."""
        try:
            return cls(
                rule=str(data["rule"]),
                ballots=_integer(data["ballots"]),
                blank=_integer(data["blank"]),
                totals=tuple(
                    Fraction(total) if isinstance(total, str) else _integer(total) for total in data["totals"]
                ),
                winners=_whole(data["winners"]),
                ranking=tuple(_whole(group) for group in data["ranking"]),
                rounds=tuple(_round(entry) for entry in data["rounds"]),
                pairwise=tuple(_whole(row) for row in data["pairwise"]),
                notes=tuple(Note(code) for code in data["notes"]),
            )
        except (KeyError, TypeError, ValueError, ZeroDivisionError, OverflowError) as error:
            raise ValueError(f"This is not a tally: {error!r}") from error


def tally_by_totals(
    rule: str, totals: Sequence[int | Fraction], valid: int, blank: int, notes: tuple[Note, ...] = ()
) -> Tally:
    """The tally of a rule where the highest total wins and the order of totals is the ranking."""
    if not valid:
        return empty_tally(rule, len(totals), blank)
    groups = {total: tuple(n for n, other in enumerate(totals) if other == total) for total in set(totals)}
    ranking = tuple(groups[total] for total in sorted(groups, reverse=True))
    winners = ranking[0]
    return Tally(rule, valid + blank, blank, tuple(totals), winners, ranking, notes=with_tie(winners, notes))


def empty_tally(rule: str, options: int, blank: int) -> Tally:
    """The tally of a question that nobody answered."""
    return Tally(rule, blank, blank, (0,) * options, (), notes=(Note.NO_VALID_BALLOTS,))


def with_tie(winners: tuple[int, ...], notes: tuple[Note, ...] = ()) -> tuple[Note, ...]:
    """The notes, headed by the one that there is a tie, when there is."""
    return (Note.TIE, *notes) if len(winners) > 1 else notes


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _plain(inner) for key, inner in value.items()}
    if isinstance(value, tuple):
        return [_plain(inner) for inner in value]
    return str(value) if isinstance(value, str) else value


def _written(total: int | Fraction) -> int | str:
    return str(total) if isinstance(total, Fraction) else total


def _integer(number: Any) -> int:
    if type(number) is not int:
        raise TypeError(f"{number!r} is not a whole number")
    return number


def _whole(numbers: Sequence[Any]) -> tuple[int, ...]:
    return tuple(_integer(number) for number in numbers)


def _round(data: Mapping[str, Any]) -> Round:
    counts = tuple(None if number is None else _integer(number) for number in data["counts"])
    return Round(counts, _integer(data["exhausted"]), _whole(data["eliminated"]), _whole(data["tied"]))
