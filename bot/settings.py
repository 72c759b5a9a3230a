"""Settings, read once from the environment and ``.env``; every one is in ``.env.example``."""

import re
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from pydantic import Field, SecretStr, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

_TOKEN = re.compile(r"\d+:[\w-]+")  # core.telegram.org/bots/api#authorizing-your-bot

_POSTGRES_PORT = 5432

# One plain address; what is behind "+" and before "@" is where replies are told apart.
_EMAIL = re.compile(r"[A-Za-z0-9._-]{1,64}@(?:[a-z0-9-]{1,63}\.)+[a-z0-9-]{2,63}", re.IGNORECASE)


class Settings(BaseSettings):
    """What an operator may choose. Names are those of the environment, in lower case."""

    model_config = SettingsConfigDict(
        env_file=".env",
        env_ignore_empty=True,
        extra="ignore",
        frozen=True,
        hide_input_in_errors=True,
    )

    telegram_bot_token: SecretStr | None = None
    telegram_api_url: str = "https://api.telegram.org"
    telegram_webhook: bool = False
    telegram_rate: Annotated[int, Field(ge=1, le=1000)] = 30
    telegram_paid_broadcast: bool = False

    web_host: str = "127.0.0.1"
    web_port: Annotated[int, Field(ge=0, le=65535)] = 8080
    web_public_url: str | None = None
    metrics_public: bool = False

    data_dir: Path = Path("var")
    database_url: str | None = None
    concerns_database_url: str | None = None
    secrets_file: Path | None = None

    mail_url: SecretStr | None = None
    mail_from: str | None = None
    mail_reply_url: SecretStr | None = None
    mail_authserv_id: str | None = None
    operator_may_send: bool | None = None
    accept_standin_areas: bool | None = None

    force_id: Annotated[str, Field(pattern=r"^[a-z]+(-[a-z]+)*$")] = "thames-valley"
    police_api_url: str = "https://data.police.uk/api"
    postcodes_api_url: str | None = None
    feeds_file: Path | None = None
    outbound_allow: Annotated[tuple[str, ...], NoDecode] = ()

    translate_url: str | None = None
    translate_key: SecretStr | None = None
    offer_draft_languages: bool | None = None
    timezone: str = "Europe/London"
    demo: bool | None = None
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"
    log_format: Literal["console", "json"] = "console"

    @field_validator("outbound_allow", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        if isinstance(value, str):
            return tuple(part.strip() for part in value.split(",") if part.strip())
        return value

    @field_validator("log_level", mode="before")
    @classmethod
    def _upper(cls, value: object) -> object:
        return value.upper() if isinstance(value, str) else value

    @field_validator("telegram_bot_token", mode="before")
    @classmethod
    def _token(cls, value: object) -> object:
        if isinstance(value, str) and not _TOKEN.fullmatch(value := value.strip()):
            raise ValueError("is not a bot token: digits, a colon, then letters and digits")
        return value

    @field_validator("data_dir")
    @classmethod
    def _home(cls, value: Path) -> Path:
        return value.expanduser()

    @field_validator("timezone")
    @classmethod
    def _known_zone(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (KeyError, ValueError, OSError):
            raise ValueError("is not a time zone such as Europe/London") from None
        return value

    @field_validator(
        "telegram_api_url", "web_public_url", "police_api_url", "postcodes_api_url", "translate_url"
    )
    @classmethod
    def _address(cls, value: str | None) -> str | None:
        if value is None:
            return None
        parts = urlsplit(value)
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            raise ValueError("needs an address that starts with https:// or http://")
        return value.rstrip("/")

    @field_validator("web_public_url")
    @classmethod
    def _root(cls, value: str | None) -> str | None:
        if value is not None and urlsplit(value).path:
            raise ValueError("names a host only, without a path: the pages are at its root")
        return value

    @field_validator("mail_from")
    @classmethod
    def _sender(cls, value: str | None) -> str | None:
        if value is not None and not _EMAIL.fullmatch(value := value.strip()):
            raise ValueError("is not an e-mail address such as beat@police.example")
        return value

    @model_validator(mode="after")
    def _two_databases(self) -> "Settings":
        if _same_database(self.subscriptions_url, self.concerns_url):
            raise ValueError(
                "DATABASE_URL and CONCERNS_DATABASE_URL must be two databases, never one"
            )
        return self

    @model_validator(mode="after")
    def _paid_pace(self) -> "Settings":
        if self.telegram_rate > 30 and not self.telegram_paid_broadcast:
            raise ValueError("TELEGRAM_RATE above 30 needs TELEGRAM_PAID_BROADCAST=true")
        return self

    @property
    def has_channel_token(self) -> bool:
        """Whether a public channel is switched on; its promises then bind, demo or not."""
        return self.telegram_bot_token is not None

    @property
    def is_demo(self) -> bool:
        return not self.has_channel_token if self.demo is None else self.demo

    @property
    def is_live(self) -> bool:
        """Whether the live rules for secrets and concerns hold."""
        return self.has_channel_token or not self.is_demo

    @property
    def lets_operator_send(self) -> bool:
        return self.is_demo if self.operator_may_send is None else self.operator_may_send

    @property
    def accepts_standins(self) -> bool:
        return self.is_demo if self.accept_standin_areas is None else self.accept_standin_areas

    @property
    def offers_drafts(self) -> bool:
        return self.is_demo if self.offer_draft_languages is None else self.offer_draft_languages

    @property
    def subscriptions_url(self) -> str:
        return self.database_url or f"sqlite:///{self.data_dir / 'beatline.sqlite'}"

    @property
    def concerns_url(self) -> str:
        return self.concerns_database_url or f"sqlite:///{self.data_dir / 'concerns.sqlite'}"

    @property
    def secrets_path(self) -> Path:
        if self.secrets_file is not None:
            return self.secrets_file.expanduser()
        if self.is_live:
            return Path("~/.config/beatline/secrets.toml").expanduser()
        return self.data_dir / "secrets.toml"

    @property
    def feeds_path(self) -> Path:
        if self.feeds_file is not None:
            return self.feeds_file.expanduser()
        return self.data_dir / "feeds.toml"

    @property
    def public_url(self) -> str:
        """Where people reach the pages, without a trailing slash."""
        if self.web_public_url:
            return self.web_public_url
        host = "localhost" if self.web_host in {"127.0.0.1", "::1", "0.0.0.0"} else self.web_host  # noqa: S104  # compared, not bound
        return f"http://{host}:{self.web_port}"

    @property
    def mail_sender(self) -> str:
        """The address that e-mail comes from."""
        if self.mail_from is not None:
            return self.mail_from
        return f"beatline@{urlsplit(self.public_url).hostname}"

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.timezone)


def _same_database(one: str, other: str) -> bool:
    """Whether two addresses are one database, however it is spelled and whoever signs in."""
    return _plain(one) == _plain(other)


def _plain(url: str) -> str:
    scheme, slashes, path = url.partition(":///")
    if scheme.startswith("sqlite") and slashes:
        return str(Path(path.partition("?")[0]).resolve())
    try:
        parts = urlsplit(url)
        return f"{parts.hostname}:{parts.port or _POSTGRES_PORT}{parts.path}"
    except ValueError:  # refused where it is opened
        return url
