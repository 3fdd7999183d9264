"""What tests send: pictures and documents as people have them, and as people who mean harm make them."""

import io
import struct
import zipfile
import zlib
from typing import Any

from PIL import ExifTags, Image
from starlette.datastructures import UploadFile

from codesign.core.files import Upload
from codesign.web.uploads import recognise

RED, BLUE = (200, 30, 30), (30, 30, 200)


def halves(width: int = 64, height: int = 48, mode: str = "RGB") -> Image.Image:
    """Red above, blue below: shows which side is up."""
    image = Image.new("RGB", (width, height), BLUE)
    image.paste(RED, (0, 0, width, height // 2))
    return image.convert(mode)


def picture(format: str = "PNG", image: Image.Image | None = None, **options: Any) -> bytes:
    file = io.BytesIO()
    (image or halves()).save(file, format, **options)
    return file.getvalue()


def photo(orientation: int = 1, width: int = 64, height: int = 48) -> bytes:
    """A JPEG as a telephone writes it: with the place, the maker, a comment and a note on which side is up."""
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = orientation
    exif[ExifTags.Base.Make] = "Telltale Cameras"
    exif.get_ifd(ExifTags.IFD.GPSInfo).update({1: "N", 2: (51.0, 7.0, 30.0), 3: "E", 4: (71.0, 26.0, 0.0)})
    xmp = b"<x:xmpmeta>Telltale Place</x:xmpmeta>"
    return picture("JPEG", halves(width, height), exif=exif, comment=b"Telltale Comment", xmp=xmp, quality=95)


def declared_png(width: int, height: int) -> bytes:
    """A PNG of a few bytes that says it is as large as this."""
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    parts = [(b"IHDR", head), (b"IDAT", zlib.compress(b"\0" * 100)), (b"IEND", b"")]
    chunks = [
        struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data)) for name, data in parts
    ]
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


def pdf(text: bytes = b"Minutes") -> bytes:
    return b"%PDF-1.4\n% " + text + b"\ntrailer << >>\n%%EOF\n"


def archive(parts: dict[str, str]) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as made:
        for name, text in parts.items():
            made.writestr(name, text)
    return file.getvalue()


def opendocument(sort: str = "text") -> bytes:
    return archive({"mimetype": f"application/vnd.oasis.opendocument.{sort}", "content.xml": "<x/>"})


def office(main: str = "word/document.xml", **more: str) -> bytes:
    return archive({"[Content_Types].xml": "<Types/>", main: "<x/>", **more})


DOCUMENTS = {
    "pdf": pdf(),
    "odt": opendocument(),
    "ods": opendocument("spreadsheet"),
    "docx": office(),
    "xlsx": office("xl/workbook.xml"),
    "txt": "Жалпы жиналыс, May 4".encode(),
}
"""One good document for each ending."""


def upload(name: str, data: bytes) -> Upload:
    """What a town makes of a file."""
    return recognise(UploadFile(io.BytesIO(data), size=len(data), filename=name))


def shown(data: bytes | None) -> Image.Image:
    """The picture in these bytes, decoded."""
    assert data is not None
    image = Image.open(io.BytesIO(data))
    image.load()
    return image
