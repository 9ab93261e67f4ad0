"""Une demande close par la seule ouverture d'une grille attend de nouveau : on n'y a répondu ni par un
niveau ni par des mots."""

from django.db import migrations
from django.db.models import Exists, OuterRef


def rouvrir(apps, editeur):
    Demande = apps.get_model("livret", "Demande")
    autre = Demande.objects.filter(
        eleve=OuterRef("eleve"), competence=OuterRef("competence"), traitee_le__isnull=True
    )
    closes = Demande.objects.filter(~Exists(autre), traitee_le__isnull=False, reponse="")
    derniere = {(une.eleve_id, une.competence_id): une.pk for une in closes.order_by("creee_le", "pk")}
    Demande.objects.filter(pk__in=derniere.values()).update(traitee_le=None, traitee_par=None)


class Migration(migrations.Migration):
    dependencies = [("livret", "0025_accueil")]

    operations = [migrations.RunPython(rouvrir, migrations.RunPython.noop)]
