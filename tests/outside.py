"""A small package with a backend of its own, which names it in an entry point, as a wheel."""

import textwrap
import zipfile
from pathlib import Path

NAME = "tiny"
CLASS = "tiny_engine:Tiny"
FILES = {
    "tiny_engine.py": '''
        """An engine that counts letters."""

        from dataclasses import dataclass, field
        from pathlib import Path
        from typing import ClassVar

        import numpy as np

        from emch.backends.base import Backend, Options, Session, SessionInfo
        from emch.backends.stub import write_model
        from emch.models.artifacts import Artifact, keep_own


        @dataclass(frozen=True, kw_only=True)
        class TinyOptions(Options):
            shade: int | None = field(default=None, metadata={"help": "A number of Tiny."})


        @dataclass(frozen=True, kw_only=True)
        class TinyInfo(SessionInfo):
            shade: int | None


        class TinySession(Session):
            def __init__(self, info):
                self.info = info

            def run(self, input_ids, attention_mask):
                powers = np.arange(1, 257)
                return np.cos(input_ids[:, :, None] * powers).astype(np.float32)


        class Tiny(Backend):
            """An engine from outside, which brings its own tokenizer."""

            artifact = "tiny"
            precision = "fp32"
            modules: ClassVar = ("tiny_engine",)
            requires: ClassVar = ("tiny-engine>=0.1",)
            options = TinyOptions

            @classmethod
            def own_model(cls) -> Artifact:
                return keep_own("tiny", "1", write_model)

            @classmethod
            def load(cls, folder: Path, options: TinyOptions) -> TinySession:
                return TinySession(
                    TinyInfo(
                        threads=options.threads,
                        shade=options.shade,
                        precision="fp32",
                        provider="cosines",
                        library="tiny-engine 0.1",
                    )
                )
    ''',
    "tiny_engine-0.1.dist-info/METADATA": """
        Metadata-Version: 2.1
        Name: tiny-engine
        Version: 0.1
    """,
    "tiny_engine-0.1.dist-info/WHEEL": """
        Wheel-Version: 1.0
        Generator: hand
        Root-Is-Purelib: true
        Tag: py3-none-any
    """,
    "tiny_engine-0.1.dist-info/entry_points.txt": f"""
        [emch.backends]
        {NAME} = {CLASS}
    """,
}


def write_package(folder: Path, **replaced: str) -> Path:
    """Write the package as it is when it is installed; return the folder for PYTHONPATH.

    Parameters
    ----------
    folder : Path
        Where to.
    replaced : str
        What to put in place of a text in the module.
    """
    for name, text in FILES.items():
        content = textwrap.dedent(text).lstrip()
        for old, new in replaced.items():
            content = content.replace(old, new)
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(content)
    return folder


def write_wheel(folder: Path) -> Path:
    """Write the package as a wheel into a folder that an installer can look at."""
    source = write_package(folder / "source")
    wheel = folder / "wheels" / "tiny_engine-0.1-py3-none-any.whl"
    wheel.parent.mkdir()
    record = "tiny_engine-0.1.dist-info/RECORD"
    with zipfile.ZipFile(wheel, "w") as archive:
        for name in FILES:
            archive.write(source / name, name)
        archive.writestr(record, "".join(f"{name},,\n" for name in (*FILES, record)))
    return wheel.parent
