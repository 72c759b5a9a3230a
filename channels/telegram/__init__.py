"""Telegram: residents and groups, by long polling or by webhook."""

from channels.telegram.channel import Patience, TelegramChannel, Webhook

__all__ = ["Patience", "TelegramChannel", "Webhook"]
