"""The languages statements are written in. To add one: one module here with LANGUAGE, listed below."""

from monitor.render.language import Language
from monitor.render.languages import de, en

LANGUAGES: dict[str, Language] = {one.LANGUAGE.code: one.LANGUAGE for one in (en, de)}
