"""Ce qu'un navigateur dit de lui, en deux mots. Module pur."""

NAVIGATEURS = (
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser", "Samsung Internet"),
    ("Firefox", "Firefox"),
    ("FxiOS", "Firefox"),
    ("CriOS", "Chrome"),
    ("Chrome", "Chrome"),
    ("Safari", "Safari"),
)
"""Le premier reconnu : Edge se dit aussi Chrome, qui se dit aussi Safari."""
SYSTEMES = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("CrOS", "ChromeOS"),
    ("Windows", "Windows"),
    ("Mac OS X", "Mac"),
    ("Linux", "Linux"),
)


def appareil(agent: str) -> str:
    """« Firefox sur Windows », d'après la chaîne du navigateur ; telle quelle si rien ne s'y lit."""
    navigateur, systeme = (_premier(table, agent) for table in (NAVIGATEURS, SYSTEMES))
    if not navigateur:
        return agent or "navigateur inconnu"
    return f"{navigateur} sur {systeme}" if systeme else navigateur


def _premier(table: tuple[tuple[str, str], ...], agent: str) -> str:
    return next((nom for signe, nom in table if signe in agent), "")
