from livret.views.accueil import accueil, aide

__all__ = ["accueil", "aide"]
