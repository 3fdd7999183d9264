"""The parts of pages that are left open for each reader, and the fact on which each depends."""

from dataclasses import replace

from codesign.web.personal import Personal, Values


def _voted(values: Values, vote: int) -> Values:
    return {**values, "my_vote": vote}


def _voted_on_comment(values: Values, vote: int) -> Values:
    return {**values, "comment": replace(values["comment"], mine=vote)}


def _followed(values: Values, fact: int) -> Values:
    return {"subject": {**values["subject"], "following": True}}


PERSONAL = {
    "_account.html": Personal(lambda values: ("account",), same_for_all=False),
    "contributions/_votes.html": Personal(lambda values: ("vote", values["thing"].id), _voted),
    "contributions/_follow.html": Personal(lambda values: ("follow", *values["subject"]["followed"]), _followed),
    "contributions/_links.html": Personal(lambda values: ("author", values["thing"].author_id), same_for_all=False),
    "comments/_votes.html": Personal(lambda values: ("comment vote", values["comment"].id), _voted_on_comment),
    "comments/_links.html": Personal(lambda values: ("author", values["comment"].author_id), same_for_all=False),
}
