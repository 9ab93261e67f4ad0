"""Le portfolio de l'élève : une photo, un fichier ou quelques mots, et ce qu'ils montrent."""

from __future__ import annotations

from typing import Any

from django import forms

from livret.evaluation.forms import FichierDeTraceForm
from livret.evaluation.trace import Trace
from livret.personnes.models.eleve import Eleve
from livret.pfmp.models.pfmp import Pfmp
from livret.situation.models.situation import Situation
from referentiel.models import Competence
from trpm.base.modification import SansEcraser

TRACES_MAX = 60


class PortfolioForm(SansEcraser, FichierDeTraceForm):
    """Le fichier d'une trace ne change plus ; ses mots et ses liens, si."""

    class Meta(FichierDeTraceForm.Meta):
        fields = ["fichier", "texte", "competences", "situation", "pfmp", "au_dossier"]
        widgets = {
            **FichierDeTraceForm.Meta.widgets,
            "texte": forms.Textarea({"rows": 3}),
            "competences": forms.CheckboxSelectMultiple(),
        }
        labels = {
            "fichier": "ou fichier",
            "texte": "Quelques mots",
            "competences": "Ce que cela montre",
            "situation": "Pendant la situation",
            "pfmp": "Pendant la PFMP",
            "au_dossier": "Mettre dans mon dossier",
        }

    field_order = ["photo", "fichier", "texte", "competences", "situation", "pfmp", "au_dossier"]

    def __init__(self, *args: Any, eleve: Eleve, codes: list[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.instance.eleve, self.instance.origine = eleve, Trace.Origine.ELEVE
        diplome = eleve.promotion.referentiel_id
        self.champ("competences").queryset = Competence.objects.filter(referentiel=diplome, code__in=codes)
        self.champ("competences").label_from_instance = lambda une: f"{une.code} {une.intitule}"
        self.champ("situation").queryset = Situation.objects.visant(eleve).visibles().order_by("-fin", "-pk")
        self.champ("pfmp").queryset = Pfmp.objects.filter(eleve=eleve).select_related("periode")
        self.champ("pfmp").label_from_instance = lambda une: str(une.periode)
        for nom in ("competences", "situation", "pfmp"):
            motif = "Ce choix n’est pas dans votre livret : choisissez dans la liste."
            self.champ(nom).error_messages |= {"invalid_choice": motif, "invalid_pk_value": motif}
        for nom in ("situation", "pfmp"):
            self.champ(nom).empty_label = "aucune en particulier"
        if self.instance.pk:
            del self.fields["photo"], self.fields["fichier"]

    def _save_m2m(self) -> None:
        """Ce que la trace montrait d'un diplôme quitté lui reste."""
        ici = self.instance.eleve.promotion.referentiel_id
        d_avant = list(self.instance.competences.exclude(referentiel=ici)) if self.instance.pk else []
        super()._save_m2m()  # type: ignore[misc]
        self.instance.competences.add(*d_avant)

    def clean(self) -> dict[str, Any]:
        champs = super().clean()
        siennes = Trace.objects.gardees().filter(eleve=self.instance.eleve, origine=Trace.Origine.ELEVE)
        if not self.instance.pk and siennes.count() >= TRACES_MAX:
            raise forms.ValidationError(
                f"Un portfolio garde {TRACES_MAX} traces au plus : retirez-en une, puis recommencez."
            )
        if self.instance.pk and not self.instance.fichier and not champs.get("texte"):
            self.add_error("texte", "Cette trace n’a que ses mots : gardez-en, ou retirez-la du portfolio.")
        return champs
