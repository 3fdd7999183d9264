"""Pictures that people send: decoded within bounds, turned upright, made small, and drawn anew.

Nothing of the file itself is kept: no place where it was taken, no camera, no comment, nothing hidden behind its end.
"""

import io
from typing import IO

from PIL import ExifTags, Image, ImageCms

from codesign.core.files import Content
from codesign.i18n import mark
from codesign.types import Invalid

MOST_PIXELS = {"JPEG": 50_000_000, "MPO": 50_000_000, "PNG": 40_000_000, "GIF": 40_000_000, "WEBP": 20_000_000, "AVIF": 20_000_000}  # fmt: skip
"""By format, as decoders need different amounts of memory: a JPEG is decoded small, a WebP is held four times."""
MOST_SCANS = 100
"""A picture that is sent in thousands of layers would be decoded for minutes; real ones have ten."""
SIDE = 1600
"""Pixels of the long side at most, of the picture on its page."""
SMALL_SIDE = 480
"""The same of the one on cards."""
MOST_BYTES = 400_000
QUALITIES = (80, 70, 60, 50, 40)
HOPELESS = 3
"""So many times too large, a picture is made smaller at once: the lowest quality saves about half."""
EFFORT = 2
"""Of WebP's 0 to 6: half the time of 4, for 4 % more bytes."""
BAND = 64
UPRIGHT = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
"""What turns a picture upright, by the orientation that the camera noted."""

NOT_KNOWN = mark(
    "“%(name)s” cannot be taken. Choose a picture (JPEG, PNG, WebP, GIF, AVIF) or a document (PDF, ODT, DOCX, ODS, XLSX, TXT)."
)
DAMAGED = mark("“%(name)s” is damaged. Open it on your device, save it again, and choose the new file.")
TOO_MANY_PIXELS = mark("“%(name)s” has too many pixels. Make the picture smaller, then choose it again.")


def read_picture(file: IO[bytes]) -> Content:
    """The picture as a town keeps it, in two sizes. Raises Invalid with a sentence that wants the `name`.

    Takes up to two seconds and 450 MB: never inside a transaction, and few at once.
    """
    try:
        image = Image.open(file, formats=["JPEG", "PNG", "WEBP", "GIF", "AVIF"])  # reads only the head
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise Invalid(TOO_MANY_PIXELS) from error
    except Exception as error:  # Pillow tells of broken files by nearly every kind of exception
        raise Invalid(NOT_KNOWN) from error
    with image:
        if image.width * image.height > MOST_PIXELS[image.format or ""]:
            raise Invalid(TOO_MANY_PIXELS)
        if image.format in ("JPEG", "MPO") and _scans(file) > MOST_SCANS:
            raise Invalid(DAMAGED)
        try:
            shown = _upright(_plain(_decoded(image), image.info.get("icc_profile")), _orientation(image))
        except Exception as error:
            raise Invalid(DAMAGED) from error
    small = shown.copy()
    small.thumbnail((SMALL_SIDE, SMALL_SIDE), Image.Resampling.LANCZOS)
    data, size = _drawn(shown)
    return Content("image/webp", "webp", data, _drawn(small)[0], *size)


def _scans(file: IO[bytes]) -> int:
    place = file.tell()
    file.seek(0)
    found = file.read().count(b"\xff\xda")
    file.seek(place)
    return found


def _decoded(image: Image.Image) -> Image.Image:
    """All of the picture, not much larger than it will be shown. Made in bands: a copy of the whole would take as much
    memory again."""
    ratio = max(1, max(image.size) / SIDE)
    wanted = (max(1, int(image.width / ratio)), max(1, int(image.height / ratio)))
    image.draft(None, wanted)  # a JPEG is decoded at half, a fourth or an eighth of its size
    image.load()
    factor = max(1, max(image.size) // (2 * SIDE))
    width, height = image.size
    made: Image.Image | None = None
    for top in range(0, height, BAND * factor):
        band = _simple(image.crop((0, top, width, min(height, top + BAND * factor))), image.has_transparency_data)
        band = band.reduce(factor) if factor > 1 else band
        made = made or Image.new(band.mode, (band.width, -(-height // factor)))
        made.paste(band, (0, top // factor))
    assert made is not None
    made.thumbnail((SIDE, SIDE), Image.Resampling.LANCZOS)
    return made


def _simple(band: Image.Image, transparent: bool) -> Image.Image:
    """In one of the modes L, CMYK, RGB and RGBA."""
    if band.mode.startswith("I"):  # 16 bits of grey
        return band.convert("I").point(lambda grey: grey / 256).convert("L")
    if transparent:
        return band.convert("RGBA")
    return band if band.mode in ("L", "RGB", "CMYK") else band.convert("RGB")


def _plain(image: Image.Image, profile: bytes | None) -> Image.Image:
    """In the colours that every screen expects (sRGB), without transparency that is not there."""
    if image.mode == "RGBA" and image.getchannel("A").getextrema() == (255, 255):
        image = image.convert("RGB")
    mode = "RGBA" if image.mode == "RGBA" else "RGB"
    if profile:
        try:
            given = ImageCms.ImageCmsProfile(io.BytesIO(profile))
            changed = ImageCms.profileToProfile(image, given, ImageCms.createProfile("sRGB"), outputMode=mode)
            return changed or image
        except (ImageCms.PyCMSError, OSError, ValueError):
            pass  # a profile that is broken, or of another sort of picture: shown as if it had none
    return image.convert(mode)


def _orientation(image: Image.Image) -> int:
    try:
        return int(image.getexif().get(ExifTags.Base.Orientation, 1))
    except Exception:  # what cameras note is often broken; the picture is not
        return 1


def _upright(image: Image.Image, orientation: int) -> Image.Image:
    return image.transpose(UPRIGHT[orientation]) if orientation in UPRIGHT else image


def _drawn(image: Image.Image) -> tuple[bytes, tuple[int, int]]:
    """The bytes of the picture and nothing else, at most MOST_BYTES, and its width and height."""
    image.info.clear()
    while True:
        for quality in QUALITIES:
            file = io.BytesIO()
            image.save(file, "WEBP", quality=quality, method=EFFORT)
            if file.tell() <= MOST_BYTES:
                return file.getvalue(), image.size
            if file.tell() > HOPELESS * MOST_BYTES:
                break
        image = image.resize((max(1, image.width * 3 // 4), max(1, image.height * 3 // 4)))
