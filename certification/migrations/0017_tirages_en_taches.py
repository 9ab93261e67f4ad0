from django.db import migrations


class Migration(migrations.Migration):
    """Le bail d'un tirage est celui de sa tâche ; ce qu'un ouvrier tenait redevient à faire."""

    dependencies = [("certification", "0016_accueil")]

    operations = [
        migrations.RunSQL(
            "UPDATE certification_tirage SET etat = 'a_faire' WHERE etat = 'en_cours'", migrations.RunSQL.noop
        ),
        migrations.RemoveIndex(model_name="tirage", name="tirage_file"),
        migrations.RemoveField(model_name="tirage", name="bail"),
    ]
