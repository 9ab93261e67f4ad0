"""Un formulaire qui change une ligne porte l'état de cette ligne tel que sa page le montrait.

Si l'enregistré a changé depuis, rien ne s'écrit : la page dit par qui, quand, et ce qui est maintenant
enregistré. Ce que la personne a tapé reste ; ce qu'elle n'avait pas touché montre ce que l'autre a écrit.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db import connection
from django.db.models import Model, QuerySet
from django.db.models.fields.files import FieldFile
from django.forms.models import model_to_dict
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from trpm.base.concurrence import jeton
from trpm.dates import date_dite, heure_dite
from trpm.textes import sans_retour_chariot

CHAMP, CONFLIT, LIE = "etat_vu", "conflit", "+"
RETIREE = "Ce que vous modifiez vient d’être supprimé\xa0: rien n’est enregistré."
APERCU_CHANGE = "Quelque chose a changé depuis l’aperçu\xa0: relisez-le avant de confirmer."


class ApercuPerime(ValidationError):
    """Ce que l'on confirme n'est plus, ou n'a jamais été, ce que la page montrait."""


def exiger_l_apercu(montre: str, a_jour: str, dit: str = APERCU_CHANGE) -> None:
    """`montre` : l'empreinte que rapporte la page ; aucune n'est pas un accord. À appeler sous verrou."""
    if montre != a_jour:
        raise ApercuPerime(dit)


class SansEcraser(forms.BaseForm):
    """À mettre devant `ModelForm` ou `Form` ; un formulaire de création, sans ligne, ne porte rien.

    `etat_lie` : ce que la page montre et change hors des champs du formulaire.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self._imposes = set(kwargs.get("initial") or ())
        super().__init__(*args, **kwargs)
        self.etat_repris = ""

    def etat_lie(self) -> object:
        return ""

    @property
    def ligne(self) -> Model | None:
        instance: Model | None = getattr(self, "instance", None)
        return instance if instance is not None and instance.pk else None

    @property
    def modifie(self) -> bool:
        return not hasattr(self, "instance") or self.ligne is not None

    # --- Ce que la page porte -----------------------------------------------------------------

    @property
    def etat_vu_cache(self) -> SafeString:
        """Le champ caché, écrit par `{% csrf_token %}` pour le formulaire nommé `form`."""
        if not self.modifie:
            return SafeString("")
        return format_html('<input type="hidden" name="{}" value="{}">', CHAMP, self.etat_vu())

    def etat_vu(self) -> str:
        """« champ:abrégé », champ par champ, de ce qui est enregistré."""
        if self.etat_repris:
            return self.etat_repris
        if self.is_bound and CONFLIT not in self._codes():
            return str(self.data.get(CHAMP, ""))
        return " ".join(f"{nom}:{_abrege(valeur)}" for nom, valeur in self._enregistre().items())

    def _codes(self) -> set[str | None]:
        fautes: Any = getattr(self, "_errors", None) or {}
        return {une.code for liste in fautes.values() for une in liste.as_data()}

    def _enregistre(self) -> dict[str, Any]:
        if self.is_bound:
            return self._en_base
        return self._lu(self.ligne, self._imposes if self.ligne else set())

    def _lu(self, ligne: Model | None, relus: set[str]) -> dict[str, Any]:
        """Valeur enregistrée de chaque champ : celle du formulaire, ou relue sur la ligne."""
        frais = model_to_dict(ligne, fields=relus) if ligne is not None and relus else {}
        valeurs = {
            nom: frais[nom] if nom in frais else self.get_initial_for_field(champ, nom)
            for nom, champ in self.fields.items()
            if not champ.disabled and not isinstance(champ, forms.FileField)
        }
        return {**valeurs, LIE: self.etat_lie()}

    # --- À la réception -----------------------------------------------------------------------

    def full_clean(self) -> None:
        if self.is_bound and self.modifie:
            self._relire()
        super().full_clean()
        if self.is_bound and self.modifie and self.data.get(CHAMP):
            self._refuser_d_ecraser()

    def _relire(self) -> None:
        """La ligne telle qu'elle est, tenue jusqu'à la fin ; seuls les champs montrés changeront."""
        self._disparue = False
        if (ligne := self.ligne) is None:
            self._en_base = self._lu(None, set())
            return
        lignes = type(ligne)._base_manager.filter(pk=ligne.pk)
        if connection.in_atomic_block:
            lignes = lignes.select_for_update(no_key=True)
        if (fraiche := lignes.first()) is None:
            self._disparue, self._en_base = True, self._lu(ligne, set())
            return
        for champ in ligne._meta.concrete_fields:
            if champ.name not in self.fields and getattr(ligne, champ.attname) != getattr(
                fraiche, champ.attname
            ):
                setattr(ligne, champ.attname, getattr(fraiche, champ.attname))
        self._en_base = self._lu(fraiche, set(self.fields))

    def _refuser_d_ecraser(self) -> None:
        if self._disparue:
            self.add_error(None, ValidationError(RETIREE, code=CONFLIT))
            return
        vus = dict(un.partition(":")[::2] for un in str(self.data[CHAMP]).split())
        changes = [nom for nom, valeur in self._en_base.items() if nom in vus and vus[nom] != _abrege(valeur)]
        disputes = [nom for nom in changes if nom == LIE or self._veut_autre_chose(nom)]
        if not disputes:
            return
        laisses = [nom for nom in disputes if nom != LIE and self._intact(nom, vus[nom])]
        noms = ", ".join(f"«\xa0{self.fields[nom].label or nom}\xa0»" for nom in disputes if nom != LIE)
        for nom in disputes:
            if nom in laisses or nom == LIE:
                continue
            dit = f"Est maintenant enregistré\xa0: {self._dit(nom)}. Votre saisie n’a rien remplacé."
            self.add_error(nom, ValidationError(dit, code=CONFLIT))
        self._reprendre(laisses)
        phrase = f"{self._qui()}, après l’ouverture de votre page\xa0: {noms or self.lie_dit}."
        suite = "Rien n’est enregistré\xa0: relisez, puis enregistrez de nouveau si vous maintenez le reste."
        self.add_error(None, ValidationError(f"{phrase} {suite}", code=CONFLIT))

    lie_dit = "ce que cette page montre"

    def _veut_autre_chose(self, nom: str) -> bool:
        champ = self.fields[nom]
        if nom in self.cleaned_data and _brut(self.cleaned_data[nom]) == _brut(self._en_base[nom]):
            return False
        return nom in self.errors or champ.has_changed(self._en_base[nom], self[nom].data)

    def _intact(self, nom: str, vu: str) -> bool:
        """La personne n'avait pas touché ce champ."""
        return vu in (_abrege(self[nom].data), _abrege(self.cleaned_data.get(nom)))

    def _reprendre(self, noms: Iterable[str]) -> None:
        """Les champs que la personne n'avait pas touchés montrent ce qui est enregistré."""
        recues: Any = self.data
        donnees = recues.copy()
        for nom in noms:
            valeur = self.fields[nom].prepare_value(self._en_base[nom])
            cle = self.add_prefix(nom)
            if isinstance(valeur, bool):
                donnees.setlist(cle, ["on"] if valeur else [])
            elif isinstance(valeur, list | tuple | QuerySet):
                donnees.setlist(cle, [_brut(un) for un in valeur])
            else:
                donnees[cle] = self[nom].field.widget.format_value(valeur) if valeur is not None else ""
                if isinstance(donnees[cle], list | tuple):
                    donnees[cle] = _brut(valeur)
        self.data = donnees

    def _qui(self) -> str:
        ligne = self.ligne
        histoire: Any = getattr(ligne, "history", None) if ligne is not None else None
        acte = histoire.select_related("history_user").first() if histoire is not None else None
        if acte is None:
            return "Une autre personne a modifié cette fiche"
        qui = acte.history_user.nom_complet if acte.history_user else "Une autre personne"
        le = timezone.localtime(acte.history_date)
        jour = "" if le.date() == timezone.localdate() else f" le {date_dite(le.date())}"
        return f"{qui} a modifié cette fiche{jour} à {heure_dite(le)}"

    def _dit(self, nom: str) -> str:
        valeur, champ = self._en_base[nom], self.fields[nom]
        if isinstance(valeur, bool):
            return "coché" if valeur else "non coché"
        if isinstance(valeur, datetime.date):
            return date_dite(valeur)
        if isinstance(champ, forms.ChoiceField):
            voulus = _brut(valeur) if isinstance(_brut(valeur), list) else [_brut(valeur)]
            libelles = [str(libelle) for cle, libelle in _a_plat(champ.choices) if str(cle) in voulus and cle]
            return f"«\xa0{', '.join(libelles)}\xa0»" if libelles else "rien"
        return f"«\xa0{champ.prepare_value(valeur)}\xa0»" if valeur not in (None, "") else "rien"


def _a_plat(choix: Any) -> Iterable[tuple[Any, Any]]:
    for cle, libelle in choix:
        if isinstance(libelle, list | tuple):
            yield from _a_plat(libelle)
        else:
            yield cle, libelle


def _abrege(valeur: Any) -> str:
    return jeton(_brut(valeur))[:10]


def _brut(valeur: Any) -> Any:
    """La même forme pour ce qui est en base, ce qui est envoyé et ce qui en est lu."""
    if isinstance(valeur, Model):
        return str(valeur.pk)
    if isinstance(valeur, list | tuple | set | QuerySet):
        return sorted((_brut(un) for un in valeur), key=str)
    if isinstance(valeur, Decimal):
        return f"{valeur.normalize():f}"
    if isinstance(valeur, datetime.date | datetime.time):
        return valeur.isoformat()
    if isinstance(valeur, FieldFile):
        return valeur.name or ""
    if valeur is None:
        return ""
    return sans_retour_chariot(str(valeur)).strip()
