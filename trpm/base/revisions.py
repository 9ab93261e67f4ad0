"""Ce qui a changé : un compteur par chose, que la base avance d'elle-même à chaque écriture.

Une page ne change pas tant que ses compteurs ne changent pas. Chaque application déclare ses `Suivi` : quelle
table fait avancer quelle chose. Le pas est tiré au sort : une base rétablie, ou une transaction défaite, ne
redonne pas à un autre contenu le compte d'un contenu d'avant.

Sur PostgreSQL, chaque écriture prend un compteur de la chose que personne ne tient, ou en ajoute un : deux
saisies ne s'attendent jamais ici, et le compte de la chose est leur somme. Un `REPLACE` de SQLite, un
`TRUNCATE` de PostgreSQL et une session en mode « replica » n'y passent pas : l'application n'en fait pas.
"""

from __future__ import annotations

from django.db import connection, models

from trpm.base.declencheurs import REVISIONS


class Revision(models.Model):
    """Un compteur d'une chose ; elle en a plusieurs si l'on y écrit à plusieurs à la fois."""

    class Genre(models.TextChoices):
        COMMUNE = "commune", "tout ce que partagent les établissements"
        CLASSE = "classe", "une classe"
        ELEVE = "eleve", "un élève"
        COMMISSION = "commission", "une commission"

    genre = models.CharField("genre", max_length=10, choices=Genre)
    cle = models.BigIntegerField("clé")
    pas = models.BigIntegerField("compte")

    class Meta:
        verbose_name = "révision"
        indexes = [models.Index(fields=["genre", "cle"], name="revision_de")]

    def __str__(self) -> str:
        return f"{self.genre} {self.cle} : {self.pas}"


def revision(genre: str, cle: int, eleves: str) -> str:
    """Le compte d'une chose et de ses élèves ; `eleves` : le `SELECT` qui les dit, où `%s` est la clé.

    Les quatre parts restent à part : elles ne font que croître, leur somme pourrait se retrouver. À lire
    avant le contenu : un contenu plus neuf que son compte sera relu, jamais l'inverse. Une requête.
    """
    somme = f"SELECT COALESCE(SUM(r.pas), 0) FROM {REVISIONS} r WHERE r.genre ="  # noqa: S608 (aucune saisie)
    classes = f"SELECT s.classe_id FROM livret_scolarite s WHERE s.eleve_id IN ({eleves})"  # noqa: S608
    with connection.cursor() as curseur:
        curseur.execute(
            f"SELECT ({somme} 'commune'), ({somme} %s AND r.cle = %s), "
            f"({somme} 'eleve' AND r.cle IN ({eleves})), ({somme} 'classe' AND r.cle IN ({classes}))",
            [genre, cle, cle, cle],
        )
        return "-".join(str(int(part)) for part in curseur.fetchone())
