"""Counting an election again as its file does: how many ballots name each project."""

from collections import Counter

from codesign_polls.pabulib.reading import Election


def named(election: Election) -> Counter[int]:
    """By the project's place. In all four types of vote this is what the column `votes` holds."""
    return Counter(place for places, _points in election.ballots for place in places)


def differences(election: Election) -> list[str]:
    """A sentence for each project whose `votes` in the file are not what its ballots say."""
    found = named(election)
    return [
        f"{election.path.name}: project {project.id} has {project.votes} votes in the file, {found[place]} in its ballots."
        for place, project in enumerate(election.projects)
        if project.votes is not None and project.votes != found[place]
    ]
