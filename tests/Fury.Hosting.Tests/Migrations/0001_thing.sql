create table sample.thing (number int primary key);
