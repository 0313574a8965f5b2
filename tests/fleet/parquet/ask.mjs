// Runs load.sql in the folder of tables that is the working folder, then asks each
// question given and writes the answers, a JSON list of lists of texts.
// usage: node ask.mjs QUESTION...
import { readFileSync } from 'node:fs';
import { DuckDBInstance } from '@duckdb/node-api';

const connection = await (await DuckDBInstance.create(':memory:')).connect();
const statements = readFileSync('load.sql', 'utf8')
  .split('\n')
  .filter((line) => line !== '' && !line.startsWith('--'));
for (const statement of statements) {
  await connection.run(statement);
}
for (const question of process.argv.slice(2)) {
  const answer = await connection.runAndReadAll(question);
  const rows = answer.getRows().map((row) => row.map(String));
  process.stdout.write(JSON.stringify(rows) + '\n');
}
