"""Ce que l'on écrit au tuteur, et à l'enseignant quand sa fiche est reçue."""

from dataclasses import dataclass
from urllib.parse import quote

from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone

from livret.personnes.identifiants import initiales
from livret.personnes.requete import Requete
from livret.tuteur.models.fiche import FicheTuteur
from livret.tuteur.models.lien import AccesTuteur
from trpm.courriel import envoyer
from trpm.dates import date_dite
from trpm.impression.qr import qr


@dataclass(frozen=True)
class Courriel:
    """Ce que l'on écrit au tuteur : envoyé s'il y a un serveur, à copier sinon."""

    acces: AccesTuteur
    adresse: str
    code_a_taper: str
    objet: str
    texte: str

    @property
    def destinataire(self) -> str:
        return self.acces.lien.fiche.tuteur.courriel

    @property
    def mailto(self) -> str:
        return f"mailto:{quote(self.destinataire)}?subject={quote(self.objet)}&body={quote(self.texte)}"

    @property
    def qr(self) -> str:
        return qr(self.adresse, f"QR code de la fiche {self.acces.lien.fiche.pfmp.mot_tuteur.du}")

    def envoyer(self) -> str:
        """Vide si c'est parti ; sinon, pourquoi rien n'est parti."""
        faute = envoyer(self.objet, self.texte, self.destinataire)
        if not faute:
            self.acces.lien.envoye_a = self.destinataire
            self.acces.lien.save(update_fields=["envoye_a"])
        return faute


def courriel_de(request: Requete, acces: AccesTuteur) -> Courriel:
    fiche = acces.lien.fiche
    adresse = request.build_absolute_uri(acces.chemin)
    code_a_taper = request.build_absolute_uri(reverse("livret:tuteur-code"))
    with timezone.override(fiche.pfmp.eleve.etablissement.fuseau):
        echeance = date_dite(timezone.localtime(acces.lien.expire_le))
    debut, fin = fiche.dates() or (fiche.pfmp.periode.debut, fiche.pfmp.periode.fin)
    texte = (
        f"Bonjour,\n\nVous accueillez {fiche.pfmp.eleve.nom_complet} "
        f"du {date_dite(debut, 'j F')} au {date_dite(fin)}. "
        "Pouvez-vous remplir sa fiche ? Deux minutes suffisent, sur un téléphone et sans compte :\n\n"
        f"{adresse}\n\n"
        f"Ce lien ne montre que cette fiche ; il sert jusqu’au {echeance}. Ne le transmettez qu’à la "
        "personne qui suit l’élève. S’il ne s’ouvre plus, répondez-nous : nous en renvoyons un aussitôt.\n\n"
        f"Merci,\n{request.user.nom_complet}\n{fiche.pfmp.eleve.etablissement}\n"
    )
    objet = f"{fiche.pfmp.periode}, {_de_qui(fiche)}\xa0: votre fiche"
    return Courriel(acces, adresse, code_a_taper, objet, texte)


def prevenir_le_referent(request: HttpRequest, fiche: FicheTuteur) -> None:
    """La fiche est déjà gardée : qu'un courriel parte ou non, le tuteur n'en sait rien."""
    if fiche.pfmp.referent is None:
        return
    texte = (
        f"Bonjour,\n\n{fiche.signataire} a rempli et signé la fiche de {fiche.pfmp.eleve.nom_complet} "
        f"({fiche.pfmp.periode}, {fiche.tuteur.entreprise.nom}). Relisez-la, puis validez-la\xa0:\n\n"
        f"{request.build_absolute_uri(fiche.get_absolute_url())}\n\n"
        "Tant que vous ne l’avez pas validée, elle ne donne aucun niveau.\n"
    )
    objet = f"{fiche.pfmp.periode}, {_de_qui(fiche)}\xa0: fiche {fiche.pfmp.mot_tuteur.du} reçue"
    envoyer(objet, texte, fiche.pfmp.referent.email)


def _de_qui(fiche: FicheTuteur) -> str:
    """L'objet d'un courriel se lit dans bien des journaux : l'élève n'y est dit que par ses initiales."""
    return initiales(fiche.pfmp.eleve.prenom, fiche.pfmp.eleve.nom)
