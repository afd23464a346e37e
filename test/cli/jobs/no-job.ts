export default { name: 'not made by defineJob' };
