"""One-to-one comparisons: how many ballots prefer each option to each other one, and who beats all others."""

from collections.abc import Iterable, Sequence

Levels = Sequence[Sequence[int]]
"""A ballot as groups of equals, best first; options left out are equal to each other and below all that are named."""
Matrix = tuple[tuple[int, ...], ...]


def preference_matrix(options: int, ballots: Iterable[tuple[Levels, int]]) -> Matrix:
    """How many ballots prefer the row's option to the column's.

    A row is summed as one long integer with a lane of bits for each column, so that a ballot costs one addition for each
    option it names, not one for each pair of options. No lane can overflow: none counts more than all ballots.
    """
    ballots = list(ballots)
    width = sum(number for _levels, number in ballots).bit_length() or 1
    lanes = [1 << width * option for option in range(options)]
    everything = sum(lanes)
    rows = [0] * options
    for levels, number in ballots:
        below = everything
        for level in levels:
            for option in level:
                below -= lanes[option]
            for option in level:
                rows[option] += below * number
    lane = (1 << width) - 1
    return tuple(tuple(row >> width * column & lane for column in range(options)) for row in rows)


def condorcet_winner(matrix: Matrix) -> int | None:
    """The option that more ballots prefer to each other option than the reverse, when there is one.

    Condorcet, "Essai sur l'application de l'analyse à la probabilité des décisions" (1785).
    """
    for option, row in enumerate(matrix):
        if all(row[other] > matrix[other][option] for other in range(len(matrix)) if other != option):
            return option
    return None
