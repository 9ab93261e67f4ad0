"""Préparer une commission : sa session, ses épreuves, sa date."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import Q
from django.http import QueryDict
from django.utils import timezone

from certification.commission.models import Commission, Reunion
from certification.seance.forms.choix import restreindre
from livret.models import Etablissement, Promotion, Utilisateur
from referentiel.models import Epreuve, Grille, Referentiel
from referentiel.reglement.distinction import distingues
from trpm.base.modification import CHAMP, SansEcraser
from trpm.permissions import Action


class CommissionForm(SansEcraser, forms.ModelForm):
    """`autres`, à la création : les épreuves de la même réunion. `ensemble`, ensuite : tout y reporter."""

    autres = forms.ModelMultipleChoiceField(
        label="Autres épreuves de la même réunion",
        queryset=Epreuve.objects.none(),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="Une commission par épreuve, avec les mêmes membres et les mêmes candidats.",
    )
    ensemble = forms.BooleanField(
        label="Reporter la date, l’heure, le lieu, les membres et les présences à toute la réunion",
        required=False,
        initial=True,
    )

    class Meta:
        model = Commission
        fields = ["etablissement", "session", "epreuve", "grille", "intitule", "date", "heure", "lieu"]
        widgets = {
            "date": forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
            "heure": forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
        }

    def __init__(self, *args: Any, user: Utilisateur, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        lieux = user.etablissements(Action.PREPARER_COMMISSION)
        servies = Promotion.objects.filter(etablissement__in=lieux)
        epreuves = Epreuve.objects.filter(referentiel__promotions__in=servies, poids__isnull=False).distinct()
        sienne = Q(pk=self.instance.grille_id)
        grilles = Grille.objects.filter(Q(promotions__in=servies) | sienne).distinct()
        restreindre(self, "etablissement", Etablissement.objects.filter(pk__in=lieux))
        restreindre(self, "epreuve", epreuves.select_related("referentiel"))
        restreindre(self, "grille", grilles.select_related("referentiel"))
        self.fields["grille"].required = False
        self.fields["grille"].help_text = "Si vous ne choisissez pas : celle des promotions de la session."
        self.fields["intitule"].required = False
        self.fields[
            "intitule"
        ].help_text = "Par défaut\xa0: «\xa0Commission\xa0» suivi de l’épreuve et de la session."
        self.fields["epreuve"].label_from_instance = lambda e: f"{e.code} {e.intitule} ({e.referentiel})"  # type: ignore[attr-defined]
        self.fields["autres"].label_from_instance = self.fields["epreuve"].label_from_instance  # type: ignore[attr-defined]
        restreindre(self, "autres", epreuves.select_related("referentiel"))
        del self.fields["autres" if self.instance.pk else "ensemble"]
        if self.instance.pk and not self.instance.reunion_id:
            del self.fields["ensemble"]
        if len(lieux) == 1:
            self.initial["etablissement"] = next(iter(lieux))
            self.fields["etablissement"].widget = forms.HiddenInput()

    @classmethod
    def repris(cls, saisie: QueryDict, commission: Commission, user: Utilisateur) -> CommissionForm:
        """Ce qui est déjà tapé, ni contrôlé ni enregistré."""
        initial = {**saisie.dict(), "autres": saisie.getlist("autres"), "ensemble": "ensemble" in saisie}
        form = cls(instance=commission, user=user, initial=initial)
        form.etat_repris = saisie.get(CHAMP, "")
        return form

    def etat_lie(self) -> object:
        """Les membres et leurs présences, que la même page montre et change."""
        if not self.instance.pk:
            return ""
        return list(self.instance.membres.values_list("pk", "utilisateur", "nom", "qualite", "present"))

    @property
    def lie_dit(self) -> str:  # type: ignore[override]
        presences = {True: "présent", False: "absent", None: "présence à constater"}
        dits = (f"{un.nom} ({presences[un.present]})" for un in self.instance.membres.all())
        return f"les membres et leurs présences sont maintenant {', '.join(dits) or 'vides'}"

    def clean(self) -> dict[str, Any]:
        champs = super().clean() or self.cleaned_data
        epreuve, session = champs.get("epreuve"), champs.get("session")
        if epreuve and not champs.get("grille"):
            champs["grille"] = self._grille(champs.get("etablissement"), session, epreuve)
        if epreuve and session and not champs.get("intitule"):
            champs["intitule"] = f"Commission {self._dite(champs, epreuve)}, session {session}"
        for autre in champs.get("autres") or ():
            if autre == epreuve:
                self.add_error("autres", f"{autre.code} est déjà l’épreuve de la commission.")
            elif epreuve and autre.referentiel_id != epreuve.referentiel_id:
                self.add_error("autres", f"{autre.code} n’est pas du même référentiel que {epreuve.code}.")
            elif _deja(self._soeur(champs, autre)):
                self.add_error("autres", f"Cette commission existe déjà pour {autre.code} et cette session.")
        return champs

    def _grille(self, lieu: Etablissement | None, session: int | None, epreuve: Epreuve) -> Grille | None:
        """Celle des promotions de la session ; à défaut, de l'établissement. Entre plusieurs, on choisit."""
        promotions = Promotion.objects.filter(etablissement=lieu)
        servies = Grille.objects.filter(referentiel=epreuve.referentiel_id)
        for siennes in (promotions.filter(session=session or 0), promotions):
            trouvees = list(servies.filter(promotions__in=siennes).distinct())
            if len(trouvees) == 1:
                return trouvees[0]
            if trouvees:
                self.add_error("grille", "Les promotions n’ont pas toutes la même grille : choisissez-la.")
                return None
        self.add_error("grille", "Aucune promotion de l’établissement n’a de grille pour cette épreuve.")
        return None

    @staticmethod
    def _dite(champs: dict[str, Any], epreuve: Epreuve) -> str:
        """Son code ; avec son diplôme si l'établissement en prépare plusieurs."""
        promotions = Promotion.objects.filter(etablissement=champs.get("etablissement"))
        prepares = Referentiel.objects.filter(promotions__in=promotions)
        diplomes = distingues([epreuve.referentiel, *prepares.distinct()])
        return f"{diplomes[epreuve.referentiel_id]} {epreuve.code}".lstrip()

    def _soeur(self, champs: dict[str, Any], epreuve: Epreuve) -> Commission:
        return Commission(
            etablissement=champs.get("etablissement"),
            session=champs.get("session") or 0,
            epreuve=epreuve,
            grille=champs.get("grille"),
            intitule=self.data.get("intitule")
            or f"Commission {self._dite(champs, epreuve)}, session {champs.get('session')}",
            date=champs.get("date") or timezone.localdate(),
            heure=champs.get("heure"),
            lieu=champs.get("lieu", ""),
        )

    def reunir(self) -> None:
        """À appeler une fois la commission et ses membres enregistrés."""
        commission: Commission = self.instance
        if autres := self.cleaned_data.get("autres"):
            premiere = self._dite(self.cleaned_data, commission.epreuve)
            codes = ", ".join([premiere, *(epreuve.code for epreuve in autres)])
            commission.reunion = Reunion.objects.create(
                etablissement=commission.etablissement,
                session=commission.session,
                intitule=f"Réunion {codes}, session {commission.session}",
                date=commission.date,
                heure=commission.heure,
                lieu=commission.lieu,
            )
            commission.save()
            for epreuve in autres:
                soeur = self._soeur(self.cleaned_data, epreuve)
                soeur.reunion = commission.reunion
                soeur.save()
        if commission.reunion and (autres or self.cleaned_data.get("ensemble")):
            reunion = commission.reunion
            reunion.date, reunion.heure, reunion.lieu = commission.date, commission.heure, commission.lieu
            reunion.save()
            for soeur in commission.soeurs():
                soeur.sieger_comme(commission)


def _deja(commission: Commission) -> bool:
    return (
        Commission.objects.ouvertes()
        .filter(
            etablissement=commission.etablissement_id,
            session=commission.session,
            epreuve=commission.epreuve_id,
            intitule=commission.intitule,
        )
        .exists()
    )
