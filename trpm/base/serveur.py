"""Comment gunicorn sert le site ; une option de la ligne de commande l’emporte."""

wsgi_app = "trpm.wsgi"
bind = "127.0.0.1:8000"
workers, threads = 2, 3
# Chargé une fois, avant de se diviser : les processus partagent ce que `trpm.wsgi` a figé.
preload_app = True
# Le temps d'un gros document.
timeout = 120
# Un processus neuf récrit les requêtes qu'un ancien garde traduites : en changer toutes les mille pages
# coûtait la moitié de ce qu'il sert.
max_requests, max_requests_jitter = 20_000, 2_000
