"""STAR (score then automatic runoff): of the two options with the highest scores the one that more ballots prefer wins."""

from codesign_polls.counting.answers import HIGHEST_SCORE, Ballots, Points, number_of, read, scores
from codesign_polls.counting.finalists import Contest, Finalists, advance
from codesign_polls.counting.pairwise import Levels, preference_matrix
from codesign_polls.counting.score import sums
from codesign_polls.counting.tally import Note, Round, Tally, empty_tally, with_tie


def star(options: int, ballots: Ballots) -> Tally:
    """As the Equal Vote Coalition defines it, with its "Official Tiebreaker Protocol" (starvoting.org/ties, as of 2025)
    up to the point where that draws a lot: there the tie is named, and all that could win are winners.

    Not monotonic in general, and meets neither the majority nor the Condorcet criterion.
    """
    valid, blank = read(options, ballots, scores)
    if not valid:
        return empty_tally("star", options, blank)
    contest = _contest(options, valid)
    finalists = advance(contest)
    runoffs = [(pair, *_runoff(contest, *pair)) for pair in finalists.pairs()]
    winners = tuple(sorted({winner for _pair, won, _note in runoffs for winner in won}))
    rounds, notes = [_scoring_round(contest, finalists)], set(finalists.notes)
    if finalists.undecided:
        notes |= {Note.TIE_FOR_RUNOFF} | ({Note.SAME_WINNER_EITHER_WAY} if len(winners) == 1 else set())
    elif options > 1:
        pair, _won, note = runoffs[0]
        rounds.append(_runoff_round(contest, pair, number_of(valid)))
        notes |= {note} if note else set()
    named = with_tie(winners, tuple(note for note in Note if note in notes))
    totals, every = tuple(contest.totals), number_of(valid) + blank
    return Tally("star", every, blank, totals, winners, rounds=tuple(rounds), notes=named)


def _contest(options: int, valid: list[tuple[Points, int]]) -> Contest:
    """Comparisons are made only between options whose score can bring them into the runoff: mostly two."""
    totals = sums(options, valid)
    second = sorted(totals, reverse=True)[:2][-1]
    near = frozenset(option for option, total in enumerate(totals) if total >= second)
    fives = [0] * options
    for given, number in valid:
        for option, stars in given:
            fives[option] += number * (stars == HIGHEST_SCORE)
    matrix = preference_matrix(options, ((_levels(given, near), number) for given, number in valid))
    return Contest(totals, fives, matrix)


def _levels(given: Points, near: frozenset[int]) -> Levels:
    """The ballot's order of these options; 0 stars is where those stand that it leaves out."""
    stars: dict[int, list[int]] = {}
    for option, of_it in given:
        if of_it and option in near:
            stars.setdefault(of_it, []).append(option)
    return [stars[of_it] for of_it in sorted(stars, reverse=True)]


def _runoff(contest: Contest, one: int, other: int) -> tuple[set[int], Note | None]:
    """Who wins a runoff, and what decided when the votes did not. One option alone wins against itself."""
    measures = [
        (contest.matrix[one][other], contest.matrix[other][one], None),
        (contest.totals[one], contest.totals[other], Note.RUNOFF_BY_SCORE),
        (contest.fives[one], contest.fives[other], Note.RUNOFF_BY_FIVE_STARS),
    ]
    for ours, theirs, note in measures:
        if ours != theirs:
            return {one if ours > theirs else other}, note
    return {one, other}, None


def _scoring_round(contest: Contest, finalists: Finalists) -> Round:
    every = range(len(contest.totals))
    out = tuple(option for option in every if option not in finalists.certain | finalists.undecided)
    return Round(tuple(contest.totals), 0, out, tuple(sorted(finalists.tied)))


def _runoff_round(contest: Contest, pair: tuple[int, int], valid: int) -> Round:
    one, other = pair
    votes = {one: contest.matrix[one][other], other: contest.matrix[other][one]}
    level = pair if votes[one] == votes[other] else ()
    winners, _note = _runoff(contest, one, other)
    out = tuple(option for option in pair if option not in winners)
    counts = tuple(votes.get(option) for option in range(len(contest.totals)))
    return Round(counts, valid - sum(votes.values()), out, level)
