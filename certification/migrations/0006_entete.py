from django.db import migrations


class Migration(migrations.Migration):

    dependencies = [
        ('certification', '0005_reunion'),
        ('livret', '0015_entete'),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(state_operations=[migrations.DeleteModel(name='Entete')]),
    ]
