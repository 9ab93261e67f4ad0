"""Être invité dans un autre établissement : le titulaire du compte accepte, ou refuse."""

from __future__ import annotations

from django.db import models

from livret.personnes.models.compte import Appartenance, Etablissement, Utilisateur


class Invitation(models.Model):
    """Des rôles proposés à qui a déjà un compte ailleurs ; ils ne valent rien avant qu'il accepte."""

    etablissement = models.ForeignKey(
        Etablissement, on_delete=models.CASCADE, related_name="invitations", db_index=False
    )
    utilisateur = models.ForeignKey(Utilisateur, on_delete=models.CASCADE, related_name="invitations")
    roles = models.JSONField("rôles proposés", default=list)
    par = models.ForeignKey(
        Utilisateur, on_delete=models.PROTECT, related_name="+", verbose_name="invité par"
    )
    le = models.DateTimeField("invité le", auto_now=True)

    class Meta:
        verbose_name = "invitation"
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["etablissement", "utilisateur"],
                name="invitation_unique",
                violation_error_message="Cette personne est déjà invitée dans l’établissement.",
            )
        ]

    def __str__(self) -> str:
        return f"{self.etablissement}, {', '.join(self.dits)}"

    @property
    def dits(self) -> list[str]:
        """Les rôles proposés, en toutes lettres."""
        noms = dict(Appartenance.ROLES)
        return [noms.get(role, role) for role in self.roles]
