console.log('calendar');
