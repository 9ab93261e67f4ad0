from django.http import FileResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone

from livret.bilan.documents import bilans_nommes
from livret.bilan.lus import bilans_lus
from livret.bilan.models import Bilan
from livret.eleve.archive import Contenu, archive
from livret.eleve.autoevaluation import AutoEvaluation
from livret.eleve.suivi import suivi
from livret.eleve.views.eleve import eleves_lus, livret_pdf
from livret.evaluation.models import Observation, Remarque
from livret.evaluation.trace import Trace
from livret.personnes.models.eleve import Eleve
from livret.personnes.requete import Requete
from livret.pfmp.models.sejour import Sejour
from livret.pfmp.suivi import semaines_par_eleve
from livret.situation.models.demande import Demande
from livret.situation.models.situation import visible_le_jour
from livret.synthese.livrets import passages
from trpm.acces import requires
from trpm.documents import nom_de_fichier
from trpm.permissions import Action


@requires(Action.EXPORTER_LIVRET)
def eleve_archive(request: Requete, pk: int) -> FileResponse:
    """Ce que l'élève voit, ni plus ni moins, que ce soit lui ou l'administrateur qui le demande."""
    candidat = get_object_or_404(eleves_lus(request, Action.EXPORTER_LIVRET), pk=pk)
    rassemble = contenu(candidat)
    livret = livret_pdf(request.user, candidat, equipe=False)
    fichier = archive(rassemble, livret, bilans_nommes(rassemble.bilans))
    reponse = FileResponse(
        fichier,
        as_attachment=True,
        filename=nom_de_fichier(f"Livret {candidat}.zip"),
        content_type="application/zip",
    )
    reponse["Cache-Control"] = "private, no-store"
    return reponse


def contenu(candidat: Eleve) -> Contenu:
    jour = timezone.localdate()
    vues = visible_le_jour(jour, "situation__")
    siennes = Trace.objects.gardees().filter(eleve=candidat)
    lisibles = siennes.filter(origine=Trace.Origine.ELEVE) | siennes.filter(vues)
    return Contenu(
        suivi=suivi(candidat, jour, visibles_seulement=True),
        semaines=semaines_par_eleve([candidat], jour)[candidat.pk],
        passages=tuple(passages(candidat, visibles_seulement=True)),
        observations=tuple(
            Observation.objects.filter(vues, eleve=candidat)
            .select_related("detaillee", "niveau")
            .order_by("detaillee__competence__ordre", "detaillee__ordre")
        ),
        remarques=tuple(
            Remarque.objects.filter(vues, eleve=candidat)
            .select_related("competence", "detaillee")
            .order_by("pk")
        ),
        autoevaluations=tuple(
            AutoEvaluation.objects.filter(eleve=candidat).select_related("competence", "niveau", "situation")
        ),
        demandes=tuple(Demande.objects.filter(eleve=candidat).select_related("competence")),
        sejours=tuple(
            Sejour.objects.filter(pfmp__eleve=candidat)
            .exclude(pfmp__etat="annulee")
            .select_related("entreprise")
            .order_by("debut")
        ),
        traces=tuple(
            lisibles.select_related("situation", "pfmp__periode")
            .prefetch_related("competences")
            .order_by("pk")
        ),
        bilans=tuple(bilans_lus(Bilan.objects.valides().filter(eleve=candidat).order_by("date", "numero"))),
    )
