using Microsoft.CodeAnalysis;

namespace SlabGen.Generators;

/// <summary>A property of <c>[SlabCache]</c> and <c>[assembly: SlabCacheDefaults]</c> with a value from a range.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Default">Its value when nothing sets it; a set one that is equal is not written.</param>
/// <param name="Least">The least value, of a number or an enum.</param>
/// <param name="Most">The largest value.</param>
/// <param name="Write">How it is set in an initialiser of <c>SlabCacheOptions</c>; null for what the generated code alone knows.</param>
internal sealed record CacheOption(string Name, object Default, long Least, long Most, Func<TypedConstant, string>? Write);
