CREATE OR REPLACE TIMELINE t.x AS latest(event => state) OVER ('1 hour') -- note
  | where state = 'playing';
