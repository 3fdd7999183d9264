"""The Schulze method: ranked ballots; an option is beaten when a stronger chain of comparisons leads to it than back."""

from codesign_polls.counting.answers import Ballots, distinct, number_of, read
from codesign_polls.counting.pairwise import Matrix, condorcet_winner, preference_matrix
from codesign_polls.counting.tally import Note, Tally, empty_tally, with_tie


def schulze(options: int, ballots: Ballots) -> Tally:
    """Schulze, "A new monotonic, clone-independent, reversal symmetric, and Condorcet-consistent single-winner election
    method", Social Choice and Welfare 36 (2011), with winning votes as the strength of a link.

    Winners are the options that no other beats. `ranking`: the unbeaten, then those beaten only by these, and so on; an
    option always comes after all that beat it. Ties between winners are named; Schulze's own last resort is a lot.
    """
    valid, blank = read(options, ballots, distinct)
    if not valid:
        return empty_tally("schulze", options, blank)
    matrix = preference_matrix(options, (([(option,) for option in ranking], number) for ranking, number in valid))
    beaten = _beaten(strongest_paths(matrix))
    ranking = _layers(beaten)
    note = Note.NO_CONDORCET_WINNER if condorcet_winner(matrix) is None else Note.CONDORCET_WINNER
    totals, notes = tuple(len(options_) for options_ in beaten), with_tie(ranking[0], (note,))
    return Tally("schulze", number_of(valid) + blank, blank, totals, ranking[0], ranking, pairwise=matrix, notes=notes)


def strongest_paths(matrix: Matrix) -> list[list[int]]:
    """The strength of the strongest path from the row's option to the column's; the diagonal means nothing.

    A path is as strong as its weakest link; a link is there where more prefer the first than the second, and is as strong
    as their number. Floyd and Warshall's algorithm, as in section 2.3 of the paper: options cubed steps at most.
    """
    paths = [
        [ours if ours > theirs else 0 for ours, theirs in zip(row, column, strict=True)]
        for row, column in zip(matrix, zip(*matrix, strict=True), strict=True)
    ]
    for middle in range(len(paths)):
        onward = paths[middle]
        for start, row in enumerate(paths):
            reach = row[middle]
            if reach and start != middle:  # min(reach, far) where that is stronger than direct
                paths[start] = [
                    direct if direct >= reach or direct >= far else (far if far < reach else reach)
                    for direct, far in zip(row, onward, strict=True)
                ]
    return paths


def _beaten(paths: list[list[int]]) -> list[list[int]]:
    """For each option those that it beats: a transitive relation (section 4.1 of the paper)."""
    every = range(len(paths))
    return [[other for other in every if paths[option][other] > paths[other][option]] for option in every]


def _layers(beaten: list[list[int]]) -> tuple[tuple[int, ...], ...]:
    """Options by the longest chain of options that leads down to them."""
    depth = [0] * len(beaten)
    for option in sorted(range(len(beaten)), key=lambda option: -len(beaten[option])):
        for other in beaten[option]:
            depth[other] = max(depth[other], depth[option] + 1)
    deepest = range(max(depth) + 1)
    return tuple(tuple(option for option, of_it in enumerate(depth) if of_it == level) for level in deepest)
