namespace SlabGen;

/// <summary>
/// Sets options for every struct of the assembly that has <see cref="SlabCacheAttribute"/>: <c>[assembly:
/// SlabCacheDefaults(HwCacheAlign = true)]</c>. A struct's own attribute overrides them.
/// </summary>
[AttributeUsage(AttributeTargets.Assembly)]
public sealed class SlabCacheDefaultsAttribute : SlabCacheOptionsAttribute;
