from livret.views.accueil import accueil

__all__ = ["accueil"]
