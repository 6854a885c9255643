namespace SlabGen;

/// <summary>
/// Sets options for every struct of the assembly with <see cref="SlabCacheAttribute"/>:
/// <c>[assembly: SlabCacheDefaults(HwCacheAlign = true)]</c>. What a struct's own attribute sets wins.
/// </summary>
[AttributeUsage(AttributeTargets.Assembly)]
public sealed class SlabCacheDefaultsAttribute : SlabCacheOptionsAttribute;
