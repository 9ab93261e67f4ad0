"""Ce que l'on remet à un élève : son livret imprimé, et tout ce qui le concerne."""

from django.db.models import Prefetch
from django.utils import timezone

from livret.bilan.lus import bilans_lus
from livret.bilan.models import Bilan
from livret.eleve.archive import ContenuArchive
from livret.eleve.autoevaluation import AutoEvaluation
from livret.eleve.avant import LIENS_DE_LA_TRACE, partager, referentiel_de_la_trace
from livret.eleve.pages import contexte_livret
from livret.eleve.suivi import suivi
from livret.evaluation.models import Observation, Remarque
from livret.evaluation.trace import Trace
from livret.personnes.entete import Entete
from livret.personnes.models.compte import Utilisateur
from livret.personnes.models.eleve import Eleve
from livret.pfmp.models.sejour import Sejour
from livret.pfmp.suivi import semaines_par_eleve
from livret.situation.models.demande import Demande
from livret.situation.models.situation import visible_le_jour
from livret.synthese.livrets import passages
from referentiel.models import Competence
from trpm.impression.morceaux import pdf

STYLES = ["css/niveaux.css", "css/documents.css", "css/eleve-imprime.css"]


def livret_pdf(user: Utilisateur, candidat: Eleve, *, equipe: bool | None = None) -> bytes:
    contexte = contexte_livret(user, candidat, equipe)
    choisies = Trace.objects.gardees().filter(eleve=candidat, origine=Trace.Origine.ELEVE, au_dossier=True)
    if contexte["jusqu_au"]:
        choisies = choisies.none()
    liees = choisies.select_related(*LIENS_DE_LA_TRACE).prefetch_related("competences")
    d_ici, d_avant = partager(liees, contexte["suivi"].avant, referentiel_de_la_trace)
    contexte |= {
        "edite_le": timezone.localdate(),
        "logo": Entete.objects.logos([candidat.etablissement_id]).get(candidat.etablissement_id),
        "portrait": contexte["suivi"].portrait(contexte["jour"]),
        "lui": False,
        "choisies": d_ici,
        "choisies_avant": d_avant,
    }
    return pdf("documents/livret.html", contexte, styles=STYLES)


def contenu(candidat: Eleve) -> ContenuArchive:
    """Ce que l'élève voit, ni plus ni moins : rien qui ne soit publié (Q36)."""
    jour = timezone.localdate()
    vues = visible_le_jour(jour, "situation__")
    siennes = Trace.objects.gardees().filter(eleve=candidat)
    lisibles = siennes.filter(origine=Trace.Origine.ELEVE) | siennes.filter(vues)
    return ContenuArchive(
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
            AutoEvaluation.objects.filter(eleve=candidat).select_related(
                "competence__referentiel", "niveau", "situation"
            )
        ),
        demandes=tuple(Demande.objects.filter(eleve=candidat).select_related("competence__referentiel")),
        sejours=tuple(
            Sejour.objects.filter(pfmp__eleve=candidat)
            .exclude(pfmp__etat="annulee")
            .select_related("entreprise")
            .order_by("debut")
        ),
        traces=tuple(
            lisibles.select_related("situation", "pfmp__periode")
            .prefetch_related(Prefetch("competences", Competence.objects.select_related("referentiel")))
            .order_by("pk")
        ),
        bilans=tuple(bilans_lus(Bilan.objects.valides().filter(eleve=candidat).order_by("date", "numero"))),
    )
