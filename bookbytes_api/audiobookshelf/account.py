"""The server and whoever uses it, as Audiobookshelf describes them."""

from sqlalchemy.orm import Session

from bookbytes_api.accounts.models import UserRow
from bookbytes_api.accounts.user import User
from bookbytes_api.audiobookshelf.files import View, milliseconds
from bookbytes_api.audiobookshelf.items import LIBRARY_ID
from bookbytes_api.audiobookshelf.progress import all_bookmarks, all_progress

COMPATIBLE_VERSION = "2.26.0"
"""The version of Audiobookshelf that apps take this for: the first with access and refresh tokens."""

_SERVER_SETTINGS: View = {
    "id": "server-settings",
    "scannerFindCovers": False,
    "scannerCoverProvider": "google",
    "scannerParseSubtitle": False,
    "scannerPreferMatchedMetadata": False,
    "scannerDisableWatcher": True,
    "storeCoverWithItem": False,
    "storeMetadataWithItem": False,
    "metadataFileFormat": "json",
    "rateLimitLoginRequests": 5,
    "rateLimitLoginWindow": 60_000,
    "backupSchedule": False,
    "backupsToKeep": 0,
    "maxBackupSize": 0,
    "loggerDailyLogsToKeep": 0,
    "loggerScannerLogsToKeep": 0,
    "homeBookshelfView": 1,
    "bookshelfView": 1,
    "sortingIgnorePrefix": False,
    "sortingPrefixes": [],
    "chromecastEnabled": False,
    "dateFormat": "yyyy-MM-dd",
    "timeFormat": "HH:mm",
    "language": "en-us",
    "logLevel": 2,
    "version": COMPATIBLE_VERSION,
}
_PERMISSIONS: View = {
    "download": True,
    "update": False,
    "delete": False,
    "upload": False,
    "accessAllLibraries": True,
    "accessAllTags": True,
    "accessExplicitContent": True,
    "selectedTagsNotAccessible": False,
}


def server_status() -> View:
    """Return what an app asks before anybody logs in."""
    return {
        "app": "audiobookshelf",
        "serverVersion": COMPATIBLE_VERSION,
        "isInit": True,
        "language": "en-us",
        "authMethods": ["local"],
        "authFormData": {},
    }


def login_view(session: Session, user: User, access_token: str, refresh_token: str | None) -> View:
    """Return what an app gets for a login: whose it is, its tokens, and how the server is set up."""
    # `token` is for apps that know no access tokens.
    tokens = {"token": access_token, "accessToken": access_token, "refreshToken": refresh_token}
    return {
        "user": user_view(session, user) | tokens,
        "userDefaultLibraryId": str(LIBRARY_ID),
        "serverSettings": _SERVER_SETTINGS,
        "ereaderDevices": [],
        "Source": "bookbytes",
    }


def user_view(session: Session, user: User) -> View:
    """Return a user with places and bookmarks."""
    row = session.get_one(UserRow, user.id)
    return {
        "id": str(user.id),
        "username": user.email,
        "email": user.email,
        "type": "user",  # apps offer administrators what is not here
        "mediaProgress": all_progress(session, user.id),
        "seriesHideFromContinueListening": [],
        "bookmarks": all_bookmarks(session, user.id),
        "isActive": row.is_active,
        "isLocked": False,
        "lastSeen": None,
        "createdAt": milliseconds(row.created_at),
        "permissions": _PERMISSIONS,
        "librariesAccessible": [],
        "itemTagsSelected": [],
        "hasOpenIDLink": False,
    }
