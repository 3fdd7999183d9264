"""A drawing for the demonstration, in place of the photograph that an official would send: a bench under a tree."""

import io
from datetime import datetime

from PIL import Image, ImageDraw
from sqlalchemy.orm import Session

from codesign.core.contributions import Contribution
from codesign.core.files import Upload, attach
from codesign.core.pictures import read_picture
from codesign.core.users import User
from codesign_feedback.commitment_pages import EVIDENCE

SIZE = (1200, 800)
SKY, GROUND, PATH, TRUNK, WOOD, IRON = "#cfe3ea", "#8fb07a", "#d9cbb0", "#6b4f3a", "#b9814f", "#3d4247"
LEAVES = (("#4e7a43", 700, 320, 150), ("#5c8a4e", 820, 230, 190), ("#6f9d5c", 960, 310, 165))
"""Colour, centre and radius of each."""
PLANKS = (420, 455, 540)


def drawn(db: Session, owner: User, thing: Contribution, alt: str, moment: datetime) -> int:
    """The id of the picture. `alt`: what it shows, in the language of the town."""
    image = Image.new("RGB", SIZE, SKY)
    pen = ImageDraw.Draw(image)
    pen.rectangle((0, 480, *SIZE), GROUND)
    pen.polygon([(0, 700), (1200, 620), (1200, 740), (0, 800)], PATH)
    pen.rectangle((805, 300, 850, 600), TRUNK)
    for colour, x, y, radius in LEAVES:
        pen.ellipse((x - radius, y - radius, x + radius, y + radius), colour)
    for left in (260, 620):
        pen.rectangle((left, 410, left + 18, 640), IRON)
    for top in PLANKS:
        pen.rectangle((220, top, 680, top + 24), WOOD)
    file = io.BytesIO()
    image.save(file, "PNG")
    file.seek(0)
    return attach(db, owner, Upload("bench.png", read_picture(file)), moment, thing, alt, purpose=EVIDENCE).id
