<?php
$name = trim($_POST['name'] ?? '');
$day = date_create($_POST['day'] ?? 'next sunday') ?: date_create('next sunday');
$answer = $day->format('w') === '0' ? 'there is cake.' : 'there is tea.';
?>
<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <meta name="color-scheme" content="light dark">
    <title>Visit · Hollin Light</title>
    <link rel="icon" href="images/logo.svg" type="image/svg+xml">
    <link rel="stylesheet" href="styles/site.css">
  </head>
  <body>
    <header class="top">
      <a class="brand" href="index.html"><img src="images/logo.svg" width="36" height="36" alt=""> Hollin Light</a>
      <nav>
        <a href="index.html">Today</a>
        <a href="journal/index.html">Journal</a>
        <a href="about/index.html">The station</a>
      </nav>
    </header>
    <main>
      <article class="prose">
        <p class="over"><?= date('l, j F Y, H:i:s') ?></p>
        <h1>Come by boat</h1>
        <p>The landing is dry for two hours around low water. On Sundays there is cake, and no promise about the weather.</p>
        <form class="note" method="post">
          <label for="name">Who is coming?</label>
          <input id="name" name="name" value="<?= htmlspecialchars($name) ?>" autocomplete="off" required>
          <label for="day">Which day?</label>
          <input id="day" name="day" type="date" value="<?= htmlspecialchars($day->format('Y-m-d')) ?>" required>
          <button>Ask the keeper</button>
        </form>
<?php if ($name !== ''): ?>
        <p class="log"><?= htmlspecialchars($name) ?>, on <?= $day->format('l, j F') ?> <?= $answer ?></p>
<?php endif ?>
      </article>
    </main>
    <footer class="foot">
      <p>Hollin Light keeps watch over a rock that is on no chart. Everybody in it is made up, and so is the weather.</p>
    </footer>
  </body>
</html>
